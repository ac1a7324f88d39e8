"""Leaf ids mapped through a lookup table as they are read: a level or a picture of its regions as a lazy array."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import ProjectError
from napari_hypseg.volumes.volume import LazyArray


@dataclass(frozen=True, eq=False)
class LookupArray:
    """Region ids or grey values (z, y, x) read through a table.

    Parameters
    ----------
    leaves
        Leaf ids (z, y, x), 0 outside.
    table
        (K+1,); region id, uint16, or grey value, of each leaf id.
    """

    leaves: LazyArray
    table: npt.NDArray[Any]

    @property
    def shape(self) -> tuple[int, ...]:
        """Grid (z, y, x)."""
        return self.leaves.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the table."""
        return self.table.dtype

    def __getitem__(self, index: Any) -> npt.NDArray[Any]:
        """Values of a part.

        Raises
        ------
        ProjectError
            If a leaf id is not in the table.
        """
        leaves = np.asarray(self.leaves[index])
        if leaves.size and int(leaves.max()) >= len(self.table):
            raise ProjectError("The regions hold leaves that the tree does not know; run the segmentation again.")
        return np.asarray(self.table[leaves])
