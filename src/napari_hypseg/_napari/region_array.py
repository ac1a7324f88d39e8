"""Leaf ids read through a table, as an array that napari, its writers and copies of a layer can work with."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.array_base import ArrayBase
from napari_hypseg.hierarchy.lookup_array import LookupArray
from napari_hypseg.io.streaming import READ_PLANES


@dataclass(frozen=True, eq=False)
class TableArray(LookupArray, ArrayBase):
    """Region ids or grey values (z, y, x) that napari and its plugins can work with; copying it gives voxels."""

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """All voxels in memory, read a few planes at a time."""
        voxels = np.empty(self.shape, dtype=self.dtype)
        for z in range(0, self.shape[0], READ_PLANES):
            voxels[z : z + READ_PLANES] = self[z : z + READ_PLANES]
        return voxels if dtype is None else voxels.astype(dtype, copy=False)

    def __deepcopy__(self, memo: dict[int, Any]) -> npt.NDArray[Any]:
        """Voxels of its own, so that a duplicated layer can be painted on."""
        return np.asarray(self)


@dataclass(frozen=True, eq=False)
class RegionArray(TableArray):
    """The regions a leaf layer shows: what a writer or a copy of the layer is given instead of leaf ids."""

    @property
    def maximum(self) -> int:
        """Largest region id, known without reading a voxel."""
        return int(self.table.max(initial=0))
