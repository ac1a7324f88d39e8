"""A volume in an HDF5 file as a lazy array: the file is open while a piece of it is read and no longer.

Others may write to it meanwhile, and a project that reads it may be moved.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.array_base import ArrayBase
from napari_hypseg.errors import InputError
from napari_hypseg.io.hdf5.datasets import DEFLATE, LZF, filters_of
from napari_hypseg.io.hdf5.probe import open_file
from napari_hypseg.storage.reading import reading
from napari_hypseg.storage.zarr_codecs import Codec, unpacked_bound

MARGIN = 2**26
"""Bytes by which a chunk may unpack to more than its data set declares."""
LZF_RATIO = 88
"""Most bytes that one byte of LZF unpacks to: three of them repeat 264."""


@dataclass(frozen=True, eq=False)
class Hdf5Array(ArrayBase):
    """One channel (z, y, x) of a data set.

    Parameters
    ----------
    path
        The file.
    name
        Of the data set in it.
    stored
        Data type of the data set.
    stored_shape
        Its shape.
    axes
        Its axes in the order (lead..., z, y, x).
    lead
        Index into the axes before z, one for each.
    chunk
        Shape of its chunks, None if it is stored in one piece.
    """

    path: Path
    name: str
    stored: np.dtype[Any]
    stored_shape: tuple[int, ...]
    axes: tuple[int, ...]
    lead: tuple[int, ...] = ()
    chunk: tuple[int, ...] | None = None
    _checked: set[tuple[int, ...]] = field(default_factory=set, init=False)

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Grid (z, y, x) in voxels."""
        return tuple(self.stored_shape[axis] for axis in self._grid_axes)

    @property
    def chunks(self) -> tuple[int, ...]:
        """Edges (z, y, x) of the pieces that are read at once."""
        return self.shape if self.chunk is None else tuple(self.chunk[axis] for axis in self._grid_axes)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Dtype of what is read: native byte order, bool as uint8."""
        return np.dtype(np.uint8) if self.stored.kind == "b" else self.stored.newbyteorder("=")

    def __getitem__(self, index: Any, /) -> Any:
        """``array[index]`` in memory.

        Raises
        ------
        InputError
            If the file is gone, has changed or is damaged.
        """
        np.broadcast_to(np.uint8(0), self.shape)[index]  # an index that does not fit is no fault of the file
        parts = index if isinstance(index, tuple) else (index,)
        if not all(isinstance(part, slice | int | np.integer) for part in parts):
            return np.asarray(self[:])[index]
        padded = [*parts, *[slice(None)] * (self.ndim - len(parts))]
        picks = [_pick(part, n) for part, n in zip(padded, self.shape, strict=True)]
        box = self._read([stored for stored, _ in picks])
        return np.array(box[tuple(rest for _, rest in picks)], dtype=self.dtype)

    @property
    def _grid_axes(self) -> tuple[int, ...]:
        return self.axes[len(self.lead) :]

    def _read(self, box: Sequence[slice]) -> npt.NDArray[Any]:
        """Voxels of `box`, which has steps of at least 1, as (z, y, x)."""
        wanted = dict(zip(self._grid_axes, box, strict=True)) | dict(zip(self.axes, self.lead, strict=False))
        selection = tuple(wanted[axis] for axis in range(len(self.stored_shape)))
        with reading(self.path, "HDF5 file"), open_file(self.path, self.name) as file:
            dataset = file[self.name]
            if dataset.shape != self.stored_shape or dataset.dtype != self.stored:
                raise InputError(f"{self.path} has changed since it was opened; open it again.")
            self._check_chunks(dataset, selection)
            read = np.asarray(dataset[selection])
        order = np.argsort(np.argsort(self._grid_axes))
        return read.transpose(order)

    def _check_chunks(self, dataset: Any, selection: Sequence[slice | int]) -> None:
        """Refuse chunks that unpack to far more than the data set declares, each looked at once."""
        codes = [code for code, _ in filters_of(dataset)]
        if self.chunk is None or not {DEFLATE, LZF} & set(codes):
            return
        for place in itertools.product(*map(_chunk_starts, selection, self.chunk)):
            if place not in self._checked:
                self._check_chunk(dataset, place, codes)
                self._checked.add(place)

    def _check_chunk(self, dataset: Any, place: tuple[int, ...], codes: Sequence[int]) -> None:
        assert self.chunk is not None
        limit = int(np.prod(self.chunk, dtype=np.int64)) * self.stored.itemsize * 9 // 8 + MARGIN
        info = dataset.id.get_chunk_info_by_coord(place)
        if info.byte_offset is None:
            return
        size = int(info.size)
        if LZF in codes:
            size *= LZF_RATIO
        elif not info.filter_mask >> codes.index(DEFLATE) & 1 and size <= limit:
            size = unpacked_bound(dataset.id.read_direct_chunk(place)[1], [Codec("zlib", {})], limit)
        if size > limit:
            raise InputError(
                f"A chunk of {self.path} may unpack to far more than its data set declares; save it again with gzip, "
                "or get it again from where it comes from."
            )


def _pick(part: slice | int, length: int) -> tuple[slice, slice | int]:
    """What is read along an axis, with a step of at least 1, and what of this is picked."""
    if not isinstance(part, slice):
        at = int(part) % length
        return slice(at, at + 1), 0
    chosen = range(length)[part]
    if not chosen:
        return slice(0, 0), slice(None)
    low, high, step = min(chosen), max(chosen), abs(chosen.step)
    return slice(low, high + 1, step), slice(None, None, 1 if chosen.step > 0 else -1)


def _chunk_starts(part: slice | int, edge: int) -> range:
    """Where the chunks begin that `part` of an axis touches."""
    start, stop = (part.start, part.stop) if isinstance(part, slice) else (part, part + 1)
    return range(start // edge * edge, stop, edge)
