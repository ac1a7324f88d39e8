"""Where a segmentation is worked out: arrays on the grid of each specimen, so that memory holds no volume."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from napari_hypseg.project.store import CHUNK
from napari_hypseg.volumes.blocks import iter_blocks
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.volume import LazyArray

TILE = 4 * CHUNK
"""Edge in voxels of what is looked up together."""
NO_HALO: Index3 = (0, 0, 0)


class Canvas(LazyArray, Protocol):
    """An array that is written piece by piece."""

    def __setitem__(self, index: Any, value: Any, /) -> None: ...


@dataclass(frozen=True, eq=False)
class Workspace:
    """Empty arrays (z, y, x), one of each kind for each specimen, filled with 0.

    Parameters
    ----------
    regions
        uint32; the region of each voxel, numbered from 1 in each specimen, 0 where nothing counts.
    edges
        float16; how strong the edge is that runs through each voxel.
    leaves
        uint16; the leaf of each voxel, numbered from 1 over all specimens, 0 where nothing counts.
    """

    regions: Sequence[Canvas]
    edges: Sequence[Canvas]
    leaves: Sequence[Canvas]


def tiles(region: Box, edge: int = TILE) -> Iterator[Box]:
    """Boxes that cover `region` and share no chunk of an array; `edge` is a multiple of the chunk's."""
    blocks = iter_blocks(region, (edge,) * 3, NO_HALO, (CHUNK,) * 3)
    return (block.core for block in blocks)
