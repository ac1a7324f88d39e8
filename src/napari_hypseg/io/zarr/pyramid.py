"""The levels of a multiscale image: each is computed from the one before, strip by strip."""

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from napari_hypseg.io.streaming import CHUNK
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.cells import cells_of

Coarsen: TypeAlias = Callable[[npt.NDArray[Any], Index3], npt.NDArray[Any]]
"""Values of cells from voxels (z, y, x) and the voxels of a cell; see `volumes.cells`."""


def level_shapes(shape: Sequence[int], cells: Sequence[Index3]) -> list[tuple[int, ...]]:
    """Shapes of all levels, the finest first, of an array (…, z, y, x) with `cells` of the others."""
    z, y, x = shape[-3:]
    return [(*shape[:-3], *cells_of((z, y, x), cell)) for cell in [(1, 1, 1), *cells]]


def write_levels(
    arrays: Sequence[Any],
    cells: Sequence[Index3],
    leads: Sequence[tuple[int, ...]],
    coarsen: Coarsen,
    finest: Job[None],
) -> Job[None]:
    """Write the finest level by the job `finest`, and each other one from the level before.

    Yields the `Progress` of `finest`, in which the other levels count with their voxels.

    Parameters
    ----------
    arrays
        Zarr arrays (…, z, y, x) of the levels, the finest first.
    cells
        Voxels (z, y, x) of a cell of each level but the finest.
    leads
        Indices into the axes before z.
    coarsen
        How voxels become cells.
    finest
        Writes ``arrays[0]``.
    """
    shares = np.cumsum([math.prod(array.shape) for array in arrays], dtype=np.float64)
    shares /= shares[-1]
    stage = ""
    for event in finest:
        if isinstance(event, Progress):
            stage = event.stage
            yield Progress(stage, shares[0] * (event.fraction or 0), 1)
        else:
            yield event
    before = (1, 1, 1)
    for level, cell in enumerate(cells, start=1):
        z, y, x = (now // then for now, then in zip(cell, before, strict=True))
        for done in _coarsened(arrays[level - 1], arrays[level], leads, coarsen, (z, y, x)):
            yield Progress(stage, shares[level - 1] + done * (shares[level] - shares[level - 1]), 1)
        before = cell


def _coarsened(fine: Any, coarse: Any, leads: Sequence[tuple[int, ...]], coarsen: Coarsen, step: Index3) -> Job[None]:
    """Write `coarse`, whose cells are `step` cells of `fine`, by rows of chunks; yields the share that is done."""
    depth, height, _ = coarse.shape[-3:]
    places = [(z, y) for z in range(0, depth, CHUNK) for y in range(0, height, CHUNK)]
    for done, (z, y) in enumerate(places, start=1):
        there = slice(z, min(depth, z + CHUNK)), slice(y, min(height, y + CHUNK)), slice(None)
        here = (*(slice(part.start * n, part.stop * n) for part, n in zip(there[:2], step, strict=False)), slice(None))
        for lead in leads:
            coarse[(*lead, *there)] = coarsen(np.asarray(fine[(*lead, *here)]), step)
        yield done / len(places)
