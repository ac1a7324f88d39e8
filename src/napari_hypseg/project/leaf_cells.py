"""Leaf ids that were stored in larger cells than voxels, and how the record of their segmentation says so."""

from collections.abc import Mapping, Sequence
from typing import Any

from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.cell_grid import CellGrid
from napari_hypseg.volumes.enlarged_array import EnlargedArray
from napari_hypseg.volumes.volume import LazyArray

CELLS = "cells"
"""Key of the record."""


def cells_record(grids: Sequence[CellGrid]) -> dict[str, Any]:
    """What the record of a segmentation says of the cells its ids are stored in."""
    return {CELLS: [grid.as_json() for grid in grids]}


def enlarged(stored: Sequence[LazyArray], record: Mapping[str, Any]) -> tuple[LazyArray, ...]:
    """Leaf ids (z, y, x) of the voxels of each specimen, of those `stored` with a segmentation of `record`.

    Raises
    ------
    ValueError
        If ids and record do not belong together.
    """
    if CELLS not in record:
        return tuple(stored)
    grids = [CellGrid.from_json(grid) for grid in record[CELLS]]
    both = zip(stored, grids, strict=True)
    return tuple(ids if grid.is_whole_volume else EnlargedArray(ids, grid) for ids, grid in both)


def stored_ids(leaves: Sequence[LazyArray]) -> tuple[LazyArray, ...]:
    """The ids as they lie on disk, of what `enlarged` gave."""
    return tuple(ids.array if isinstance(ids, EnlargedArray) else ids for ids in leaves)


def stored_shapes(leaves: Sequence[LazyArray]) -> list[Index3]:
    """Their grids (z, y, x)."""
    shapes = []
    for ids in stored_ids(leaves):
        z, y, x = map(int, ids.shape)
        shapes.append((z, y, x))
    return shapes
