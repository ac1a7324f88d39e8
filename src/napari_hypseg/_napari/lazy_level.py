"""One of several resolutions of a volume, as napari meets it: cutting out what is in view reads nothing."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.array_base import ArrayBase
from napari_hypseg.io.crop import CroppedArray
from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.volume import LazyArray

TILE = 96
"""Voxels along an edge of the pieces to which what is in view is enlarged: two chunks of stored leaf ids."""


@dataclass(frozen=True, eq=False)
class LazyLevel(ArrayBase):
    """An array (z, y, x); a box of it is an array of this kind, and is read where an index is a number.

    napari cuts out what is in view of all planes first, and then asks for one of these.

    Parameters
    ----------
    array
        What is read.
    """

    array: LazyArray

    @property
    def shape(self) -> tuple[int, ...]:
        """Grid."""
        return tuple(map(int, self.array.shape))

    @property
    def dtype(self) -> np.dtype[Any]:
        """Dtype of a voxel."""
        dtype: np.dtype[Any] = np.dtype(self.array.dtype)
        return dtype

    @property
    def chunks(self) -> tuple[int, ...]:
        """What is in view is enlarged to whole pieces of this size, and read again when it leaves them."""
        return (TILE,) * self.ndim

    def __getitem__(self, index: Any, /) -> Any:
        parts = index if isinstance(index, tuple) else (index,)
        if len(parts) != self.ndim or not all(isinstance(part, slice) for part in parts):
            return self.array[index]
        spans = [part.indices(size) for part, size in zip(parts, self.shape, strict=True)]
        if any(step != 1 for _, _, step in spans):
            return self.array[index]
        (z0, z1, _), (y0, y1, _), (x0, x1, _) = spans
        box = Box((z0, y0, x0), (max(z0, z1), max(y0, y1), max(x0, x1)))
        return self if box.shape == self.shape else LazyLevel(CroppedArray(self.array, box))

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """All of it in memory."""
        return np.asarray(self.array[:], dtype=dtype)


def full_resolution(layer: Any) -> Any:
    """The voxels (z, y, x) of a layer of volumes."""
    finest = layer.data[0] if layer.multiscale else layer.data
    return finest.array if isinstance(finest, LazyLevel) else finest
