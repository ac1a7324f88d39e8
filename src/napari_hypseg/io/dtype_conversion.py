"""Conversion of the voxel dtype for a file format: unchanged where the format supports it, else reported."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.volumes import LazyArray


def portable_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """`dtype` in native byte order; truth values become bytes and extended precision becomes double."""
    if dtype.kind == "b":
        return np.dtype(np.uint8)
    if dtype.kind == "f" and dtype.itemsize > np.dtype(np.float64).itemsize:
        return np.dtype(np.float64)
    return dtype.newbyteorder("=")


@dataclass(eq=False)
class ConvertedArray:
    """A lazy array converted to another dtype, which records whether every value read so far was converted exactly.

    Parameters
    ----------
    array
        Lazy array (z, y, x).
    dtype
        Type of what is given.
    exact
        Whether no voxel was rounded, as double precision sees it.
    """

    array: LazyArray
    dtype: np.dtype[Any]
    exact: bool = True

    @property
    def shape(self) -> tuple[int, ...]:
        """Grid (z, y, x) in voxels."""
        return self.array.shape

    def __getitem__(self, index: Any, /) -> npt.NDArray[Any]:
        values = np.asarray(self.array[index])
        with np.errstate(over="ignore"):
            cast: npt.NDArray[Any] = values.astype(self.dtype, copy=False)
        if self.exact and not np.can_cast(values.dtype, self.dtype, "safe"):
            self.exact = bool(((cast == values) | (values != values)).all())
        return cast
