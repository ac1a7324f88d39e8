"""Coarse volumes without what varies slowly: cupping, gradients and the level of the medium say nothing of a sample."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from napari_hypseg.volumes.coarse import CoarseVolume

Array = npt.NDArray[np.float32]
LIMIT = 4.0
"""Flattened values are cut here: a bead or a metal pin must not rule."""


def flatten(volume: CoarseVolume, share: float) -> Array:
    """Grey values (c, z, y, x) minus their mean nearby, brought to a standard deviation of 1; 0 where not valid.

    Parameters
    ----------
    share
        Standard deviation of the Gaussian that says what is nearby, as a share of the longest axis.
    """
    sigma = share * max(volume.grid)
    valid = volume.valid.astype(np.float32)
    weight = np.maximum(_smooth(valid, sigma), 1e-3)
    return np.stack([_one(channel, valid, weight, sigma) for channel in volume.data])


def _one(channel: Array, valid: Array, weight: Array, sigma: float) -> Array:
    flat = (channel - _smooth(channel * valid, sigma) / weight) * valid
    spread = float(flat[valid > 0].std())
    cut: Array = np.clip(flat / max(spread, 1e-6), -LIMIT, LIMIT)
    return cut


def without_constant(data: Array) -> Array:
    """Data (c, z, y, x) minus its median along z: rings and tube walls, which stay where they are, go away."""
    if data.shape[1] < 3:
        return data
    varying: Array = data - np.median(data, axis=1, keepdims=True).astype(np.float32)
    return varying


def halve(volume: CoarseVolume) -> CoarseVolume:
    """The same volume in cells of twice the edge, along the axes that are long enough."""
    steps = [2 if n >= 32 else 1 for n in volume.grid]
    weights = _sums(volume.valid.astype(np.float32), steps)
    sums = np.stack([_sums(channel * volume.valid, steps) for channel in volume.data])
    data: Array = np.divide(sums, np.maximum(weights, 1), dtype=np.float32)
    z, y, x = (f * s for f, s in zip(volume.factors, steps, strict=True))
    return CoarseVolume(data, weights > 0, (z, y, x), volume.shape, volume.name, volume.voxel_size)


def _sums(data: Array, steps: list[int]) -> Array:
    for axis, step in enumerate(steps):
        data = np.add.reduceat(data, np.arange(0, data.shape[axis], step), axis=axis)
    return data


def _smooth(data: Array, sigma: float) -> Array:
    smooth: Array = ndimage.gaussian_filter(data, sigma, mode="nearest", truncate=3)
    return smooth
