"""Coarser levels of a large volume that are computed where they are looked at, without reading all of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from napari_hypseg.volumes.binning import BinnedArray
from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.cells import cell_edges
from napari_hypseg.volumes.chunk_cache import CachedArray, ChunkMemory
from napari_hypseg.volumes.volume import LazyArray, Vector3

LARGE = 2**29
"""Voxels of a volume from which on it has levels: 2 GB in single precision, more than a graphics card likes to take."""
COARSEST = 512
"""Cells along the longest axis of the coarsest level, which is what is seen in three dimensions."""

ROWS = 16
"""Rows of a plane that are computed at once: a section across planes reads so many of each, hardly slower than one."""


@dataclass(frozen=True, eq=False)
class EveryPlane:
    """The middle one of every `step` planes of a lazy array (z, y, x); what fills no whole step is left out."""

    array: LazyArray
    step: int

    @property
    def shape(self) -> Index3:
        """Grid (z, y, x)."""
        z, y, x = map(int, self.array.shape)
        return z // self.step, y, x

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of a voxel."""
        own: np.dtype[Any] = np.dtype(self.array.dtype)
        return own

    def __getitem__(self, index: tuple[slice, slice, slice], /) -> Any:
        planes, *inside = index
        first, last, _ = planes.indices(self.shape[0])
        start = first * self.step + self.step // 2
        return self.array[(slice(start, start + max(0, last - first) * self.step, self.step), *inside)]


def is_large(shape: Index3) -> bool:
    """Whether a volume is shown at several resolutions."""
    return math.prod(shape) >= LARGE


def image_levels(array: LazyArray, voxel_size: Vector3, memory: ChunkMemory) -> Sequence[LazyArray]:
    """The array and its coarser levels; the array alone if it is not `LARGE`.

    A cell of a coarser level is the mean over the fine voxels of its middle plane: a section in the plane of the file
    costs one plane then, and the whole volume at a coarse level no more than every so many planes.

    Parameters
    ----------
    array
        (z, y, x); its values never change.
    voxel_size
        Edge lengths (z, y, x) of a voxel; only their ratios matter.
    memory
        Where what was computed last is kept.
    """
    z, y, x = map(int, array.shape)
    if not is_large((z, y, x)):
        return [array]
    cells = cell_edges((z, y, x), voxel_size, COARSEST)
    coarser = (BinnedArray(EveryPlane(array, cell[0]), (1, cell[1], cell[2])) for cell in cells)
    return [array, *(CachedArray(level, (1, ROWS, level.shape[2]), memory) for level in coarser)]
