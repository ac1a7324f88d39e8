"""A coarser grid of which no more is known than one voxel of each cell: what stands in where no levels were stored."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.cells import cells_of
from napari_hypseg.volumes.indexing import per_axis
from napari_hypseg.volumes.volume import LazyArray


@dataclass(frozen=True, eq=False)
class SampledArray:
    """The value in the middle of each cell of a lazy array (z, y, x), read a plane at a time.

    Parameters
    ----------
    array
        The array at full resolution.
    cell
        Voxels (z, y, x) of a cell.
    """

    array: LazyArray
    cell: Index3

    @property
    def shape(self) -> Index3:
        """Cells (z, y, x); the last of an axis may be cut short."""
        z, y, x = map(int, self.array.shape)
        return cells_of((z, y, x), self.cell)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of a value."""
        own: np.dtype[Any] = np.dtype(self.array.dtype)
        return own

    def __getitem__(self, index: Any, /) -> npt.NDArray[Any]:
        """``sampled[index]`` for integers, slices that go forwards and one ellipsis."""
        places, squeezed = [], list[Any]()
        for part, cells, edge, size in zip(per_axis(index), self.shape, self.cell, self.array.shape, strict=True):
            along = np.atleast_1d(np.arange(cells)[part])
            places.append(np.minimum(along * edge + edge // 2, int(size) - 1))
            squeezed.append(0 if isinstance(part, int) else slice(None))
        planes, rows, columns = places
        values = np.zeros([len(along) for along in places], dtype=self.dtype)
        if values.size:
            low, left = rows[0], columns[0]
            within = slice(low, rows[-1] + 1), slice(left, columns[-1] + 1)
            for number, plane in enumerate(planes.tolist()):
                read = np.asarray(self.array[(plane, *within)])
                values[number] = read[np.ix_(rows - low, columns - left)]
        return np.asarray(values[tuple(squeezed)])
