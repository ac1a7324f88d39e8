"""The arrays a segmentation is computed in, one on the grid of each specimen, so that no volume is held in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from napari_hypseg.storage.record_log import RecordLog
from napari_hypseg.supervoxels.memory_budget import AMPLE, MemoryBudget
from napari_hypseg.volumes.blocks import iter_blocks
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.volume import LazyArray

if TYPE_CHECKING:
    from napari_hypseg.inference.point_source import SpecimenSource

CHUNK = 48
"""Edge in voxels of a chunk: one block of the encoder on a processor, so that no chunk is written twice."""
TILE = 4 * CHUNK
"""Edge in voxels of a piece that is relabelled at once."""
NO_HALO: Index3 = (0, 0, 0)


class WritableArray(LazyArray, Protocol):
    """An array that is written piece by piece."""

    def __setitem__(self, index: Any, value: Any, /) -> None: ...


@dataclass(frozen=True, eq=False)
class Workspace:
    """Arrays (z, y, x), one of each kind for each specimen, initially 0.

    Parameters
    ----------
    basins
        uint32; the watershed basin of each voxel, numbered from 1 in each specimen, 0 outside mask and box.
    cells
        uint32; the basin that each sample of the lattice of its point source stands for. The very arrays of `basins`
        where every voxel is a sample.
    edges
        float16; the edge strength at each sample.
    leaves
        uint16; the leaf of each voxel, numbered from 1 over all specimens, 0 outside mask and box.
    folder
        Where the tables of basins are kept, which are too large for memory where there are many; None keeps them in
        memory.
    memory
        How much of it may be taken.
    """

    basins: Sequence[WritableArray]
    cells: Sequence[WritableArray]
    edges: Sequence[WritableArray]
    leaves: Sequence[WritableArray]
    folder: Path | None = None
    memory: MemoryBudget = AMPLE

    def log(self, name: str) -> RecordLog:
        """Records called `name`, with those that are there already."""
        return RecordLog(None if self.folder is None else self.folder / f"{name}.log")


def sample_grids(sources: "Sequence[SpecimenSource]") -> list[Index3]:
    """Shape (z, y, x) of the grid of samples of each source."""
    return [source.lattice.cells(source.specimen.volume.box).shape for source in sources]


def cells_or_basins(
    sources: "Sequence[SpecimenSource]", basins: Sequence[WritableArray], cells: Sequence[WritableArray]
) -> list[WritableArray]:
    """The cells of a workspace, which are the basins themselves where every voxel is a sample."""
    every = zip(sources, basins, cells, strict=True)
    return [ids if source.lattice.is_dense else sampled for source, ids, sampled in every]


def workspace_in_memory(sources: "Sequence[SpecimenSource]") -> Workspace:
    """A workspace of NumPy arrays."""
    shapes, grids = [source.specimen.volume.shape for source in sources], sample_grids(sources)
    basins, leaves = ([np.zeros(shape, dtype) for shape in shapes] for dtype in (np.uint32, np.uint16))
    cells, edges = ([np.zeros(grid, dtype) for grid in grids] for dtype in (np.uint32, np.float16))
    return Workspace(basins, cells_or_basins(sources, basins, cells), edges, leaves)


def tiles(region: Box, edge: int = TILE) -> Iterator[Box]:
    """Boxes that cover `region` and share no chunk of an array; `edge` is a multiple of the chunk's."""
    blocks = iter_blocks(region, (edge,) * 3, NO_HALO, (CHUNK,) * 3)
    return (block.core for block in blocks)
