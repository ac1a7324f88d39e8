"""What a careful person would do without learning: smooth, threshold, keep the largest piece, take its box.

The second way may choose its threshold with the truth at hand, for all scored volumes at once, and is helped wherever
there is a choice: which side of the threshold is the specimen, how much to smooth, and whether grey values are taken
as they are or first put on one scale.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.locate.box_scores import box_iou, face_error
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.volumes import Box, Index3

Grey = npt.NDArray[np.float32]

SMOOTHING = 1.0
"""Standard deviation in voxels of the smoothing before Otsu's threshold."""
SMOOTHINGS = (1.0, 2.0, 4.0)
"""Those that the truth may choose from, in voxels."""
CANDIDATES = 48
"""Thresholds that are tried, at equal shares of the grey values; a quarter as many again around the best."""
POOLED = 20_000
"""Voxels of each volume that the range of grey values is read from."""
EVERY = 2
"""Voxels along an axis of which the search looks at one: thousands of tries are needed."""
TAIL = 0.001


Worth = Callable[[Box, Box, Index3], float]
"""What a box is worth, given the true one and the grid they lie in; more is better."""


def overlap(found: Box, truth: Box, shape: Index3) -> float:
    """Intersection over union."""
    return box_iou(found, truth)


def exactness(found: Box, truth: Box, shape: Index3) -> float:
    """Error of the faces, taken negative."""
    return -face_error(found, truth, shape)


@dataclass(frozen=True)
class Choice:
    """The best single threshold of a set of volumes.

    Parameters
    ----------
    threshold
        In grey values, or in standard deviations from the mean where `scaled`.
    above
        Whether the specimen is what lies above it.
    sigma
        Smoothing in voxels of the full grid.
    scaled
        Whether each volume was put to mean 0 and standard deviation 1 before.
    """

    threshold: float
    above: bool
    sigma: float
    scaled: bool

    def mask(self, grey: Grey) -> npt.NDArray[np.bool_]:
        """What the threshold calls specimen in `grey` (z, y, x)."""
        values = _prepared(grey, self.sigma, self.scaled)
        return np.asarray(values > self.threshold if self.above else values < self.threshold)

    def box(self, grey: Grey) -> Box:
        """Box of the largest piece of the mask."""
        return largest_box(self.mask(grey))


def otsu_box(grey: Grey) -> Box:
    """Box of the largest piece above Otsu's threshold of the smoothed volume (z, y, x)."""
    from skimage import filters

    library: Any = filters  # it ships no types
    values = smoothed(grey, SMOOTHING)
    return largest_box(values > library.threshold_otsu(values))


def largest_box(mask: npt.NDArray[np.bool_]) -> Box:
    """Box of the largest connected piece of `mask` (z, y, x), by faces; the whole grid if there is none."""
    from scipy import ndimage

    labels, count = ndimage.label(mask)
    if not count:
        return Box.whole(mask.shape)
    largest = int(np.bincount(labels.ravel())[1:].argmax()) + 1
    z, y, x = ndimage.find_objects(labels)[largest - 1]
    return Box((z.start, y.start, x.start), (z.stop, y.stop, x.stop))


def best_threshold(greys: Sequence[Grey], truths: Sequence[Box], worth: Worth = overlap) -> Job[Choice]:
    """The one threshold for all volumes whose boxes are worth most in the mean.

    Yields `Progress` of stage ``"threshold"``.
    """
    coarse = [_coarse(truth) for truth in truths]
    ways = list(product(SMOOTHINGS, (False, True)))
    best, most = Choice(0.0, True, 0.0, False), -np.inf
    for way, (sigma, scaled) in enumerate(ways):
        prepared = [_prepared(grey, sigma, scaled)[::EVERY, ::EVERY, ::EVERY] for grey in greys]
        for above in (True, False):
            yield Progress("threshold", 2 * way + (not above), 2 * len(ways))
            threshold, mean = yield from _search(prepared, coarse, above, worth)
            if mean > most:
                best, most = Choice(threshold, above, sigma, scaled), mean
    return best


def smoothed(grey: Grey, sigma: float) -> Grey:
    """Gaussian smoothing by `sigma` voxels."""
    from scipy import ndimage

    return np.asarray(ndimage.gaussian_filter(grey, sigma), dtype=np.float32) if sigma else grey


def on_one_scale(grey: Grey) -> Grey:
    """Mean 0 and standard deviation 1, not counting extreme values."""
    low, high = np.quantile(grey, [TAIL, 1 - TAIL])
    clipped = np.clip(grey, low, high)
    return np.asarray((grey - clipped.mean()) / max(float(clipped.std()), 1e-12), dtype=np.float32)


def _prepared(grey: Grey, sigma: float, scaled: bool) -> Grey:
    return smoothed(on_one_scale(grey) if scaled else grey, sigma)


def _coarse(box: Box) -> Box:
    """The box on the grid of every second voxel."""
    z0, y0, x0 = (-(-n // EVERY) for n in box.start)
    z1, y1, x1 = (-(-n // EVERY) for n in box.stop)
    return Box((z0, y0, x0), (z1, y1, x1))


def _search(greys: Sequence[Grey], truths: Sequence[Box], above: bool, worth: Worth) -> Job[tuple[float, float]]:
    """Best threshold and what it is worth: over the whole range, then between the neighbours of the best."""
    pooled = np.concatenate([grey.ravel()[:: max(1, grey.size // POOLED)] for grey in greys])
    coarse = np.quantile(pooled, np.linspace(0.005, 0.995, CANDIDATES))
    at, _ = yield from _best(coarse, greys, truths, above, worth)
    fine = np.linspace(coarse[max(0, at - 1)], coarse[min(len(coarse) - 1, at + 1)], CANDIDATES // 4)
    best, mean = yield from _best(fine, greys, truths, above, worth)
    return float(fine[best]), mean


def _best(
    thresholds: npt.NDArray[np.float64], greys: Sequence[Grey], truths: Sequence[Box], above: bool, worth: Worth
) -> Job[tuple[int, float]]:
    """Which threshold is worth most in the mean, and how much; yields None between two of them."""
    means = []
    for threshold in thresholds:
        masks = [grey > threshold if above else grey < threshold for grey in greys]
        each = zip(masks, truths, strict=True)
        means.append(np.mean([worth(largest_box(mask), truth, mask.shape) for mask, truth in each]))
        yield None
    best = int(np.argmax(means))
    return best, float(means[best])
