"""Profiles along the axes: how certain it is, slice by slice, that there is sample."""

import numpy as np
import numpy.typing as npt

from napari_hypseg.methods.localizers.base import Profiles
from napari_hypseg.volumes.box import Index3

Array = npt.NDArray[np.float32]
PEAK = 99.0
"""Percentile of a slice of a map that stands for the slice."""


def peak_profiles(seen: Array, grid: Index3) -> Profiles:
    """What each slice of a map (z, y, x) holds at most, from 0 to 1, on `grid`."""
    highest = max(float(np.percentile(seen, PEAK)), 1e-12)
    z, y, x = (resampled(_peak(seen, axis) / highest, length) for axis, length in enumerate(grid))
    return z, y, x


def resampled(profile: Array, length: int) -> Array:
    """A profile in [0, 1] on `length` slices instead of its own number."""
    places = (np.arange(length) + 0.5) * len(profile) / length - 0.5
    return np.clip(np.interp(places, np.arange(len(profile)), profile), 0, 1).astype(np.float32)


def _peak(seen: Array, axis: int) -> Array:
    others = tuple({0, 1, 2} - {axis})
    highest: Array = np.percentile(seen, PEAK, axis=others).astype(np.float32)
    return highest
