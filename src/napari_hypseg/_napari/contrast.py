"""Contrast that shows something, from a sample: opening a 1 GB tomogram must not read it."""

import numpy as np

from napari_hypseg.volumes.volume import LazyArray

PLANES = 7  # planes looked at, spread over z
WINDOW = 256  # edge of the central part of a plane that is read, in voxels
LEAST_WIDTH = 1e-6  # relative to the value of a constant channel: 1 would be lost in rounding it
PERCENTILES = (0.5, 99.5)  # gold beads, hot pixels and padding lie outside


def contrast_limits(channel: LazyArray) -> tuple[float, float]:
    """Grey values to show as black and white; always two different finite numbers.

    Parameters
    ----------
    channel
        Lazy array (z, y, x) of real numbers. NaN and Inf are left out.
    """
    depth, height, width = channel.shape
    rows, columns = (slice(max(0, (n - WINDOW) // 2), (n + WINDOW) // 2) for n in (height, width))
    planes = np.unique(np.linspace(0, depth - 1, PLANES + 2).round().astype(int)[1:-1])
    sample = np.stack([np.asarray(channel[int(z), rows, columns], dtype=np.float64) for z in planes])
    finite = sample[np.isfinite(sample)]
    if not finite.size:
        return 0.0, 1.0
    low, high = (float(value) for value in np.percentile(finite, PERCENTILES))
    if low < high:
        return low, high
    low, high = float(finite.min()), float(finite.max())
    return (low, high) if low < high else (low, low + max(1.0, LEAST_WIDTH * abs(low)))
