"""The ids that occur in a block, numbered consecutively; without a sort, as ids of a block lie close together."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

SPARSE = 4
"""Times as many ids as voxels in the range of a block from which on sorting takes less than a table of that range."""


@dataclass(frozen=True, eq=False)
class LocalIds:
    """Which ids occur in an array, and which of them each voxel has.

    Parameters
    ----------
    distinct
        int64 (n + 1,), ascending; 0, whether it occurs or not, and the n ids above it that do.
    numbers
        int32, of the shape of the array; places among `distinct`, 0 outside.
    """

    distinct: npt.NDArray[np.int64]
    numbers: npt.NDArray[np.int32]

    @classmethod
    def of(cls, ids: npt.NDArray[Any]) -> "LocalIds":
        """Those of `ids`, in [0, 2³²), of any shape, 0 outside."""
        ids = ids.astype(np.uint32, copy=False)
        highest = int(ids.max(initial=0))
        if not highest:
            return cls(np.zeros(1, dtype=np.int64), np.zeros(ids.shape, dtype=np.int32))
        below = int((ids - np.uint32(1)).min())  # 0 becomes the highest number there is
        span = highest - below
        if span > SPARSE * ids.size:
            distinct, numbers = np.unique(np.append(ids.ravel(), np.zeros(1, ids.dtype)), return_inverse=True)
            return cls(distinct.astype(np.int64), numbers[:-1].reshape(ids.shape).astype(np.int32))
        shifted = np.maximum(ids, below) - np.uint32(below)
        present = np.zeros(span + 1, dtype=np.bool_)
        present[shifted.ravel()] = True
        present[0] = True
        distinct = np.flatnonzero(present) + below
        distinct[0] = 0
        return cls(distinct, (np.cumsum(present, dtype=np.int32) - np.int32(1))[shifted])

    def counts(self) -> npt.NDArray[np.int64]:
        """Voxels int64 (n + 1,) of each of the `distinct` ids."""
        return np.bincount(self.numbers.ravel(), minlength=len(self.distinct))
