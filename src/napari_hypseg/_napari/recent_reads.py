"""The last few parts that were read of an array that does not change: the slice in view is asked for at each edit."""

from collections import OrderedDict
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.volumes.volume import LazyArray

PARTS = 6
LARGEST = 2**25
"""Bytes of a part above which it is read again: a whole volume in 3D."""


class RecentReads:
    """Reads each part once as long as it is among the last `PARTS`; what is given must not be written to.

    Parameters
    ----------
    array
        An array whose values never change.
    """

    def __init__(self, array: LazyArray) -> None:
        self.array = array
        self._parts: OrderedDict[str, npt.NDArray[Any]] = OrderedDict()

    @property
    def shape(self) -> tuple[int, ...]:
        """Grid."""
        return tuple(self.array.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of a value."""
        dtype: np.dtype[Any] = np.dtype(self.array.dtype)
        return dtype

    def __getitem__(self, index: Any, /) -> npt.NDArray[Any]:
        key = repr(index)
        part = self._parts.pop(key, None)
        if part is None:
            part = np.asarray(self.array[index])
            if part.nbytes > LARGEST:
                return part
            part.setflags(write=False)
        self._parts[key] = part
        if len(self._parts) > PARTS:
            self._parts.popitem(last=False)
        return part
