"""A level as an array: leaf ids with the cut's table applied as they are read."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.volumes.volume import LazyArray


@dataclass(frozen=True, eq=False)
class BakedArray:
    """Region ids (z, y, x) read through a table.

    Parameters
    ----------
    leaves
        Leaf ids (z, y, x), 0 outside.
    table
        Region id (K+1,) of each leaf id.
    """

    leaves: LazyArray
    table: npt.NDArray[np.uint16]

    @property
    def shape(self) -> tuple[int, ...]:
        """Grid (z, y, x)."""
        return self.leaves.shape

    @property
    def dtype(self) -> np.dtype[np.uint16]:
        """Of the region ids."""
        return self.table.dtype

    def __getitem__(self, index: Any) -> npt.NDArray[np.uint16]:
        return np.asarray(self.table[np.asarray(self.leaves[index])])
