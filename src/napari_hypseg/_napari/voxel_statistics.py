"""Statistics of a sample of voxels: contrast limits, and whether the values are labels rather than grey values."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from napari.layers import Image

from napari_hypseg._napari.lazy_level import full_resolution
from napari_hypseg.volumes.volume import LazyArray, Volume

PLANES = 7  # planes looked at, spread over z
WINDOW = 256  # edge of the central part of a plane that is read, in voxels
LEAST_WIDTH = 1e-6  # relative to the value of a constant channel: 1 would be lost in rounding it
PERCENTILES = (0.5, 99.5)  # gold beads, hot pixels and padding lie outside
FEW = 64
"""More different values than this are grey values."""
LABEL_WORDS = frozenset(
    {"label", "labels", "labelmap", "mask", "masks", "seg", "segmentation", "dseg", "aseg", "aparc"}
)
"""What neuroimaging and its BIDS standard call files of labels."""
SUFFIXES = (".nii", ".nii.gz")


def voxel_sample(channel: LazyArray) -> npt.NDArray[Any]:
    """Central parts (planes, rows, columns) of a few planes, in the dtype of `channel` (z, y, x)."""
    depth, height, width = channel.shape
    rows, columns = (slice(max(0, (n - WINDOW) // 2), (n + WINDOW) // 2) for n in (height, width))
    planes = np.unique(np.linspace(0, depth - 1, PLANES + 2).round().astype(int)[1:-1])
    return np.stack([np.asarray(channel[int(z), rows, columns]) for z in planes])


def contrast_limits(channel: LazyArray) -> tuple[float, float]:
    """Grey values to show as black and white; always two different finite numbers.

    Parameters
    ----------
    channel
        Lazy array (z, y, x) of real numbers. NaN and Inf are left out.
    """
    sample = voxel_sample(channel).astype(np.float64)
    finite = sample[np.isfinite(sample)]
    if not finite.size:
        return 0.0, 1.0
    low, high = (float(value) for value in np.percentile(finite, PERCENTILES))
    if low < high:
        return low, high
    low, high = float(finite.min()), float(finite.max())
    return (low, high) if low < high else (low, low + max(1.0, LEAST_WIDTH * abs(low)))


def has_few_values(channel: LazyArray) -> bool:
    """Whether `channel` (z, y, x) holds whole numbers from 0 of which there are few, as far as a sample shows."""
    if np.dtype(channel.dtype).kind not in "iubf":
        return False
    values = np.unique(voxel_sample(channel))
    return len(values) <= FEW and bool((values >= 0).all() and (values == np.floor(values)).all())


def looks_like_mask(layer: Image) -> bool:
    """Whether an image layer is a volume of few whole numbers, whose voxels above 0 may count as a mask."""
    return layer.ndim == 3 and not layer.rgb and has_few_values(full_resolution(layer))


def is_named_as_labels(volume: Volume) -> bool:
    """Whether it is one NIfTI file whose name says labels: most programs write labels to NIfTI without marking them."""
    if len(volume.sources) != 1 or not volume.sources[0].name.lower().endswith(SUFFIXES):
        return False
    return bool(LABEL_WORDS.intersection(re.split(r"[^a-z]+", Path(volume.sources[0]).name.lower())))
