"""A specimen at the resolution of a grid of cells, read once and held in memory."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.cell_grid import CellGrid
from napari_hypseg.volumes.coarse import read_cells
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import Volume

SLAB = 1 << 22
"""Voxels that are read at once: few enough for a report every 0.2 s."""


def coarse_specimen(specimen: Specimen, grid: CellGrid) -> Job[Specimen]:
    """Means over the cells of `grid`, of large cells over a sample; yields `Progress` of the stage ``"read"``.

    A cell counts if at least half of its voxels lie inside the mask; one in which nothing is finite is NaN.
    """
    volume = specimen.volume
    grey = np.empty((len(volume.channels), *grid.shape), dtype=np.float32)
    inside = np.ones(grid.shape, dtype=np.uint8)
    for planes, slab in _slabs(grid):
        yield Progress("read", planes.start, grid.shape[0])
        grey[:, planes] = volume.read(slab) if grid.factors == (1, 1, 1) else read_cells(volume, slab, grid.factors)
        if specimen.mask is not None:
            inside[planes] = 2 * _cell_sums(specimen.inside(slab), grid) >= grid.voxels(planes)
    z, y, x = (edge * factor for edge, factor in zip(volume.voxel_size, grid.factors, strict=True))
    coarse = Volume(tuple(grey), (z, y, x), volume.unit, name=volume.name)
    mask = None if specimen.mask is None else Volume((inside,), (z, y, x), volume.unit, name=specimen.mask.name)
    return Specimen(coarse, mask)


def _slabs(grid: CellGrid) -> Iterator[tuple[slice, Box]]:
    """Planes of cells, and the voxels they hold."""
    (z0, y0, x0), (z1, y1, x1), depth = grid.region.start, grid.region.stop, grid.factors[0]
    planes = max(1, SLAB // ((y1 - y0) * (x1 - x0) * depth))
    for first in range(0, grid.shape[0], planes):
        start = z0 + first * depth
        stop = min(z1, start + planes * depth)
        yield slice(first, min(first + planes, grid.shape[0])), Box((start, y0, x0), (stop, y1, x1))


def _cell_sums(inside: npt.NDArray[np.bool_], grid: CellGrid) -> npt.NDArray[np.int64]:
    """Voxels (z, y, x) of each cell of a slab that are `inside` (z, y, x)."""
    sums = inside.astype(np.int64)
    for axis, factor in enumerate(grid.factors):
        sums = np.add.reduceat(sums, np.arange(0, sums.shape[axis], factor), axis=axis)
    return sums
