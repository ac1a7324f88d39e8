"""The coarser levels of leaf ids, each computed from the one before, so that one can move through a large project."""

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.jobs.worker_pool import worker_pool
from napari_hypseg.project.leaf_levels import level_cells, level_shapes
from napari_hypseg.project.project import Project
from napari_hypseg.supervoxels.workspace import CHUNK, tiles
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.cells import commonest

if TYPE_CHECKING:
    from napari_hypseg.supervoxels.workspace import WritableArray
    from napari_hypseg.volumes.volume import LazyArray

Step: TypeAlias = "tuple[LazyArray, WritableArray, Index3]"
"""A level, the next coarser one, and cells (z, y, x) of the first in one of the second."""


def write_leaf_levels(project: Project, leaves: "Sequence[LazyArray]") -> Job[None]:
    """Add the coarser levels to the segmentation that was started: in each cell the commonest leaf of the level before.

    Does nothing where no volume is large. Yields `Progress` of the stage ``"levels"``.

    Parameters
    ----------
    project
        In whose store a segmentation was started.
    leaves
        uint16 (z, y, x); the leaf ids of each specimen, complete.

    Raises
    ------
    OSError
        If the folder is full or cannot be written.
    """
    steps = list(_steps(project, leaves))
    total = sum(math.prod(coarse.shape) for _, coarse, _ in steps)
    before = 0
    for fine, coarse, cell in steps:
        yield from _coarsen(fine, coarse, cell, before, total)
        before += math.prod(coarse.shape)


def _steps(project: Project, leaves: "Sequence[LazyArray]") -> Iterator[Step]:
    places = [(record.shape, record.voxel_size) for record in project.records]
    levels = project.store.add_leaf_levels([level_shapes(*place) for place in places])
    for finest, coarser, place in zip(leaves, levels, places, strict=True):
        fine, last = finest, (1, 1, 1)
        for coarse, cell in zip(coarser, level_cells(*place), strict=True):
            z, y, x = (now // then for now, then in zip(cell, last, strict=True))
            yield fine, coarse, (z, y, x)
            fine, last = coarse, cell


def _coarsen(fine: "LazyArray", coarse: "WritableArray", cell: Index3, before: int, total: int) -> Job[None]:
    """Write a level; `before` of the `total` voxels of all levels are done."""
    z, y, x = map(int, coarse.shape)
    boxes = list(tiles(Box.whole((z, y, x)), 2 * CHUNK))

    def write(box: Box) -> None:
        within = zip(box.start, box.stop, cell, map(int, fine.shape), strict=True)
        read = tuple(slice(a * n, min(b * n, size)) for a, b, n, size in within)
        coarse[box.slices] = commonest(np.asarray(fine[read]), cell)

    def progress(done: int) -> Progress:
        return Progress("levels", before + done / len(boxes) * math.prod(coarse.shape), total)

    with worker_pool() as pool:
        yield from pool.map(write, boxes, lambda _: None, progress)
