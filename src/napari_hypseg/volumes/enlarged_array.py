"""Ids of the cells of a grid, read as the ids of the voxels in them, so that nothing is written at full resolution."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.array_base import ArrayBase
from napari_hypseg.volumes.cell_grid import CellGrid
from napari_hypseg.volumes.indexing import per_axis
from napari_hypseg.volumes.volume import LazyArray


@dataclass(frozen=True, eq=False)
class EnlargedArray(ArrayBase):
    """A lazy array (z, y, x) on the grid of the volume; 0 outside the region that the cells cover.

    Parameters
    ----------
    array
        Ids of the cells (z, y, x).
    grid
        Where the cells lie.

    Raises
    ------
    ValueError
        If the two have different shapes.
    """

    array: LazyArray
    grid: CellGrid

    def __post_init__(self) -> None:
        if tuple(map(int, self.array.shape)) != self.grid.shape:
            raise ValueError(f"the ids of its cells are {tuple(self.array.shape)}, not {self.grid.shape}")

    @property
    def shape(self) -> tuple[int, ...]:
        """Grid (z, y, x) of the volume."""
        return self.grid.volume

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of an id."""
        own: np.dtype[Any] = np.dtype(self.array.dtype)
        return own

    @property
    def chunks(self) -> tuple[int, ...]:
        """Edges of the pieces that are best read at once."""
        chunks = getattr(self.array, "chunks", None) or self.grid.shape
        return tuple(int(edge) * factor for edge, factor in zip(chunks, self.grid.factors, strict=True))

    def __getitem__(self, index: Any, /) -> Any:
        """``enlarged[index]`` for integers, slices and one ellipsis."""
        parts = per_axis(index)
        asked = [np.atleast_1d(np.arange(n)[part]) for n, part in zip(self.shape, parts, strict=True)]
        ids = self._read(asked)
        return ids[tuple(0 if isinstance(part, int) else slice(None) for part in parts)]

    def _read(self, asked: list[npt.NDArray[np.int64]]) -> npt.NDArray[Any]:
        """Ids (z, y, x) of the voxels at some positions along each axis."""
        ids = np.zeros([len(positions) for positions in asked], dtype=self.dtype)
        region, factors = self.grid.region, self.grid.factors
        within, cells = [], []
        for positions, start, stop, factor in zip(asked, region.start, region.stop, factors, strict=True):
            inside = np.flatnonzero((positions >= start) & (positions < stop))
            if not inside.size:
                return ids
            within.append(slice(int(inside[0]), int(inside[-1]) + 1))  # positions ascend or descend
            cells.append((positions[inside] - start) // factor)
        read = np.asarray(self.array[tuple(slice(int(along.min()), int(along.max()) + 1) for along in cells)])
        for axis, along in enumerate(cells):
            read = read.take(along - along.min(), axis=axis)
        ids[tuple(within)] = read
        return ids
