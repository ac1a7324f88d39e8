"""Leaf ids of a large volume at falling resolution, as they are stored beside the finest and as pictures need them."""

import re
from typing import TYPE_CHECKING

import numpy as np

from napari_hypseg.errors import ProjectError
from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.cells import cell_edges, cells_of
from napari_hypseg.volumes.levels import COARSEST, is_large
from napari_hypseg.volumes.sampled_array import SampledArray
from napari_hypseg.volumes.volume import LazyArray, Vector3

if TYPE_CHECKING:
    from napari_hypseg.project.records import Segmentation
    from napari_hypseg.storage.array_folder import ArrayFolder

LEVEL_FILES = r"leaves-\d+-level\d+\.zarr"
"""Names of the arrays, as a regular expression."""


def level_cells(shape: Index3, voxel_size: Vector3) -> list[Index3]:
    """Voxels (z, y, x) of a cell of each coarser level of a volume; none where it is not large."""
    return cell_edges(shape, voxel_size, COARSEST) if is_large(shape) else []


def level_shapes(shape: Index3, voxel_size: Vector3) -> list[Index3]:
    """Grid (z, y, x) of each coarser level of a volume; none where it is not large."""
    return [cells_of(shape, cell) for cell in level_cells(shape, voxel_size)]


def level_name(specimen: int, level: int) -> str:
    """Name of the array of a coarser level, counted from 1."""
    return f"leaves-{specimen}-level{level}.zarr"


def stored_levels(folder: "ArrayFolder", n_specimens: int) -> tuple[tuple[LazyArray, ...], ...]:
    """The coarser levels of each specimen in the folder of a segmentation.

    None where one is damaged: they can be done without.
    """
    found = []
    for specimen in range(n_specimens):
        names = [name for name in folder.names if re.fullmatch(rf"leaves-{specimen}-level\d+\.zarr", name)]
        try:
            found.append(tuple(folder.array(level_name(specimen, n + 1)) for n in range(len(names))))
        except ProjectError:
            found.append(())
    return tuple(found)


def leaf_levels(segmentation: "Segmentation", specimen: int, voxel_size: Vector3) -> tuple[LazyArray, ...]:
    """Leaf ids of a specimen for a picture: at one resolution, or for a large volume at falling ones.

    Parameters
    ----------
    segmentation, specimen
        Whose.
    voxel_size
        Edge lengths (z, y, x) of a voxel; only their ratios matter.

    Returns
    -------
    tuple
        The levels that were stored; in their place, where an earlier version stored none, single voxels of the finest.
    """
    stored = segmentation.pictured[specimen]
    z, y, x = map(int, stored[0].shape)
    if len(stored) > 1 and all(map(_is_coarser, stored, stored[1:])):
        return stored
    return sampled_levels(stored[0], level_cells((z, y, x), voxel_size))


def _is_coarser(fine: LazyArray, coarse: LazyArray) -> bool:
    """Whether one array can be the next level of another: what was written may have been replaced."""
    shapes = tuple(map(int, fine.shape)), tuple(map(int, coarse.shape))
    within = len(shapes[1]) == 3 and all(1 <= few <= many for many, few in zip(*shapes, strict=True))
    return within and shapes[0] != shapes[1] and np.dtype(coarse.dtype) == np.uint16


def sampled_levels(finest: LazyArray, cells: list[Index3]) -> tuple[LazyArray, ...]:
    """`finest`, and a coarser level of single voxels of it for each size of `cells`."""
    return (finest, *(SampledArray(finest, cell) for cell in cells))
