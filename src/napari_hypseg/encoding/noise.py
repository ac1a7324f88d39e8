"""How noisy a specimen is, and how much smoothing leaves its edges standing and the noise lying."""

import math
from collections.abc import Iterator

import numpy as np

from napari_hypseg.encoding.regions import followed_axes
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.intensity import Intensity
from napari_hypseg.volumes.specimen import Specimen

PLACES = 3
"""Along each axis of the region where a sample is taken."""
EDGE = 32
LEFT_OVER = 0.006
"""Variance of the noise, relative to that of the signal, that smoothing may leave."""
FINEST, WIDEST = 0.7, 1.4
"""Finest voxel edges: the range of standard deviations of the Gaussian."""
LEAST_SIGNAL = 0.05


def noise_share(specimen: Specimen, intensity: Intensity) -> Iterator[float]:
    """The variance of grey values that neighbours do not share, in [0, 1], sample after sample: the last one counts.

    White noise differs from voxel to voxel, structure hardly: half the mean squared difference of neighbours.
    """
    axes = followed_axes(specimen.volume.voxel_size)
    total, count = 0.0, 0
    for box in _samples(specimen.region):
        grey = intensity.standardise(specimen.volume.read(box))
        inside = specimen.inside(box)
        for axis in (axis for axis in range(3) if axes[axis] and box.shape[axis] > 1):
            both = np.diff(inside.astype(np.int8), axis=axis) == 0
            both &= inside.take(range(1, box.shape[axis]), axis)
            squares = np.square(np.diff(grey, axis=axis + 1))[:, both]
            total, count = total + float(squares.sum(dtype=np.float64)), count + squares.size
        yield min(1.0, total / (2 * count)) if count else 0.0


def smoothing_scale(noise: float) -> float:
    """Standard deviation in finest voxel edges of the Gaussian that leaves `LEFT_OVER` of a share of `noise`.

    In three dimensions it divides the variance of white noise by 8 π^1.5 σ³.
    """
    signal = max(LEAST_SIGNAL, 1 - noise)
    sigma = math.cbrt(noise / signal / (8 * math.pi**1.5 * LEFT_OVER))
    return min(WIDEST, max(FINEST, sigma))


def _samples(region: Box) -> Iterator[Box]:
    starts = [_starts(low, high) for low, high in zip(region.start, region.stop, strict=True)]
    for z in starts[0]:
        for y in starts[1]:
            for x in starts[2]:
                corner: Index3 = (z, y, x)
                yield Box(corner, (z + EDGE, y + EDGE, x + EDGE)).intersect(region)


def _starts(low: int, high: int) -> list[int]:
    room = high - low - EDGE
    return [low] if room <= 0 else sorted({low + room * place // (PLACES - 1) for place in range(PLACES)})
