"""Affine maps from the voxels of one grid to those of another."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from napari_hypseg.volumes.binning import middle
from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.orientation import Orientation

IndexMap: TypeAlias = npt.NDArray[np.float64]
"""(3, 4): from a voxel index (z, y, x, 1) of one grid to the fractional index (z, y, x) of another."""


def index_map(linear: npt.ArrayLike, offset: npt.ArrayLike) -> IndexMap:
    """The map with a linear part (3, 3) and an offset (3,)."""
    return np.column_stack([np.asarray(linear, dtype=np.float64), np.asarray(offset, dtype=np.float64)])


def chained(second: IndexMap, first: IndexMap) -> IndexMap:
    """The map that does `first` and then `second`."""
    return index_map(second[:, :3] @ first[:, :3], second[:, :3] @ first[:, 3] + second[:, 3])


def inverted(one: IndexMap) -> IndexMap:
    """The way back."""
    inverse = np.linalg.inv(one[:, :3])
    return index_map(inverse, -inverse @ one[:, 3])


def from_binned(factors: Index3) -> IndexMap:
    """From voxels of a binned grid to those that it was made of."""
    return index_map(np.diag(factors), middle(factors))


def from_reoriented(orientation: Orientation, shape: Index3) -> IndexMap:
    """From voxels of a grid whose axes were exchanged and reversed to those of the grid of `shape` before."""
    made = np.zeros((3, 4))
    for axis, (source, flip) in enumerate(zip(orientation.axes, orientation.flipped, strict=True)):
        made[source, axis] = -1.0 if flip else 1.0
        made[source, 3] = shape[source] - 1 if flip else 0.0
    return made
