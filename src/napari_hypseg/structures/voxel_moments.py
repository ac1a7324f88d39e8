"""Sums over the voxels of each label, taken slab by slab: what size, centroid and mean grey value come from."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.volumes import Box, Index3

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class VoxelMoments:
    """Adds up while slabs come in.

    Parameters
    ----------
    n_labels
        Largest label.
    n_channels
        Channels of grey values.
    shape
        The whole grid (z, y, x), to tell which labels reach its faces.
    """

    def __init__(self, n_labels: int, n_channels: int, shape: Index3) -> None:
        self._shape = shape
        self.counts: Ints = np.zeros(n_labels + 1, dtype=np.int64)
        self.touches_edge = np.zeros(n_labels + 1, dtype=bool)
        self._positions = np.zeros((3, n_labels + 1))
        self._valid = np.zeros((n_channels, n_labels + 1), dtype=np.int64)
        self._sums = np.zeros((n_channels, n_labels + 1))
        self._squares = np.zeros((n_channels, n_labels + 1))
        self._references: list[float | None] = [None] * n_channels

    def add(self, labels: npt.NDArray[Any], box: Box, channels: Sequence[npt.NDArray[Any]] = ()) -> None:
        """Go on with the voxels of `box`: labels and grey values of each channel, all (z, y, x)."""
        flat = np.flatnonzero(labels)
        if not len(flat):
            return
        ids, size = labels.reshape(-1)[flat].astype(np.intp), len(self.counts)
        self.counts += np.bincount(ids, minlength=size)
        for axis, places in enumerate(np.unravel_index(flat, labels.shape)):
            places = places + box.start[axis]
            self._positions[axis] += np.bincount(ids, weights=places, minlength=size)
            self.touches_edge[ids[(places == 0) | (places == self._shape[axis] - 1)]] = True
        for number, channel in enumerate(channels):
            self._add_grey(number, ids, channel.reshape(-1)[flat].astype(np.float64))

    def centroids(self) -> Floats:
        """Mean index (n_labels + 1, 3) in (z, y, x) of the voxels of each label, NaN where there are none."""
        return np.asarray(_ratio(self._positions, self.counts).T)

    def means(self) -> Floats:
        """Mean grey value (c, n_labels + 1), NaN where there is no finite one."""
        references = np.array([reference or 0.0 for reference in self._references])[:, None]
        return np.asarray(_ratio(self._sums, self._valid) + references)

    def deviations(self) -> Floats:
        """Standard deviation (c, n_labels + 1) of the grey values, that of all voxels and not of a sample."""
        variances = _ratio(self._squares, self._valid) - _ratio(self._sums, self._valid) ** 2
        deviations: Floats = np.sqrt(np.maximum(variances, 0))
        return deviations

    def _add_grey(self, number: int, ids: npt.NDArray[np.intp], values: Floats) -> None:
        finite = np.isfinite(values)
        if not finite.all():
            ids, values = ids[finite], values[finite]
        if not len(values):
            return
        if self._references[number] is None:
            self._references[number] = float(values.mean())  # squares of what is left lose no digits
        values = values - (self._references[number] or 0.0)
        size = len(self.counts)
        self._valid[number] += np.bincount(ids, minlength=size)
        self._sums[number] += np.bincount(ids, weights=values, minlength=size)
        self._squares[number] += np.bincount(ids, weights=values**2, minlength=size)


def _ratio(sums: Floats, counts: Ints) -> Floats:
    found = np.broadcast_to(counts, sums.shape)
    ratio = np.full(sums.shape, np.nan)
    np.divide(sums, found, out=ratio, where=found > 0)
    return ratio
