"""Contrast that shows something, from a sample."""

import numpy as np

from napari_hypseg._napari.voxel_sample import voxel_sample
from napari_hypseg.volumes.volume import LazyArray

LEAST_WIDTH = 1e-6  # relative to the value of a constant channel: 1 would be lost in rounding it
PERCENTILES = (0.5, 99.5)  # gold beads, hot pixels and padding lie outside


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
