"""An array stored in a file, which takes no memory between two reads.

A memory map that stays open counts every page ever touched as resident, so that walking through a 1 GB file costs
1 GB. This array maps the file anew for each read, copies what was asked for and lets the map go again.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.array_base import ArrayBase
from napari_hypseg.errors import InputError
from napari_hypseg.io.linear_scale import apply_scale, scaled_dtype
from napari_hypseg.storage.reading import reading

READ_BYTES = 2**26
"""How much of the file one map may touch; longer reads go slab by slab."""


@dataclass(frozen=True, eq=False)
class FileArray(ArrayBase):
    """A lazy (z, y, x) array over uncompressed numbers in a file.

    Parameters
    ----------
    path
        File that holds the numbers.
    stored
        Their dtype in the file, with its byte order.
    stored_shape
        Shape of the whole C-ordered array in the file; it may have more than three axes.
    offset
        Bytes before the first number.
    axes
        The stored axes in the order (lead..., z, y, x); None leaves them as they are.
    lead
        Index into the axes before z, one for each.
    slope, intercept
        The values are ``slope * stored + intercept``, of the type that `scaled_dtype` gives.
    source
        File to name in errors, where `path` is a temporary copy of it.
    keep
        An object kept referenced as long as the array, such as the `Scratch` of a temporary file.
    """

    path: Path
    stored: np.dtype[Any]
    stored_shape: tuple[int, ...]
    offset: int = 0
    axes: tuple[int, ...] | None = None
    lead: tuple[int, ...] = ()
    slope: float = 1.0
    intercept: float = 0.0
    source: Path | None = None
    keep: object = None

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Grid (z, y, x) in voxels."""
        axes = self.axes or range(len(self.stored_shape))
        return tuple(self.stored_shape[axis] for axis in axes)[len(self.lead) :]

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        """Dtype of what is read: native byte order, bool as uint8, and for scaled values that of `scaled_dtype`."""
        if self._scaled:
            return scaled_dtype(self.stored, self.slope, self.intercept)
        return np.dtype(np.uint8) if self.stored.kind == "b" else self.stored.newbyteorder("=")

    @property
    def end(self) -> int:
        """Bytes the file must at least have."""
        return self.offset + math.prod(self.stored_shape) * self.stored.itemsize

    def __getitem__(self, index: Any, /) -> Any:
        """Copy of ``array[index]``; a long run of planes is read slab by slab.

        Raises
        ------
        InputError
            If the file is gone or shorter than it was.
        """
        parts = index if isinstance(index, tuple) else (index,)
        if not parts or not isinstance(parts[0], slice):
            return self._read(parts)
        start, stop, step = parts[0].indices(self.shape[0])
        count = len(range(start, stop, step))
        thickness = max(1, READ_BYTES // max(1, self._plane_bytes * abs(step)))
        if count <= thickness or step < 0:
            return self._read(parts)
        slabs = (slice(z, min(stop, z + thickness * step), step) for z in range(start, stop, thickness * step))
        return self._gather(count, ((slab, *parts[1:]) for slab in slabs))

    @property
    def _scaled(self) -> bool:
        return (self.slope, self.intercept) != (1.0, 0.0)

    @property
    def _plane_bytes(self) -> int:
        return math.prod(self.shape[1:]) * self.stored.itemsize

    def _gather(self, count: int, indices: Any) -> npt.NDArray[Any]:
        result: npt.NDArray[Any] | None = None
        filled = 0
        for index in indices:
            slab = self._read(index)
            result = np.empty((count, *slab.shape[1:]), slab.dtype) if result is None else result
            result[filled : filled + len(slab)] = slab
            filled += len(slab)
        assert result is not None
        return result

    def _read(self, index: tuple[Any, ...]) -> npt.NDArray[Any]:
        view = self._view()[index]
        if self._scaled:
            return apply_scale(view, self.slope, self.intercept, self.dtype)
        return np.array(view, dtype=self.dtype, subok=False)

    def _view(self) -> npt.NDArray[Any]:
        source = self.source or self.path
        with reading(source, "numbers"):
            try:
                mapped = np.memmap(self.path, self.stored, mode="r", offset=self.offset, shape=self.stored_shape)
            except (FileNotFoundError, ValueError) as error:
                raise InputError(
                    f"{source} is gone or shorter than when it was opened; put it back and open it again."
                ) from error
        view = mapped if self.axes is None else mapped.transpose(self.axes)
        channel: npt.NDArray[Any] = view[self.lead]
        return channel
