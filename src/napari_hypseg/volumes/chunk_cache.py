"""Chunks of stored arrays kept in memory once they are unpacked: the next slice of a picture lies in the same ones."""

import math
from collections import OrderedDict
from itertools import count, groupby, product
from operator import itemgetter
from threading import RLock
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.indexing import per_axis
from napari_hypseg.volumes.volume import LazyArray

BUDGET = 2**29
"""Bytes of chunks that are kept: those of a section that fills a large screen, or of 512 cubed grey values. What takes
more than that at once, such as a whole volume, is not kept."""

Span = tuple[int, int]


class ChunkMemory:
    """The chunks that were read last, of one array or of several.

    Parameters
    ----------
    budget
        Bytes that are kept, at most.
    """

    def __init__(self, budget: int = BUDGET) -> None:
        self.budget = budget
        self.lock = RLock()
        self.numbers = count()
        self._chunks: OrderedDict[tuple[int, Index3], npt.NDArray[Any]] = OrderedDict()
        self._bytes = 0

    def __contains__(self, key: tuple[int, Index3]) -> bool:
        return key in self._chunks

    def __getitem__(self, key: tuple[int, Index3]) -> npt.NDArray[Any]:
        self._chunks.move_to_end(key)
        return self._chunks[key]

    def __setitem__(self, key: tuple[int, Index3], chunk: npt.NDArray[Any]) -> None:
        self._chunks[key] = chunk
        self._bytes += chunk.nbytes

    def forget(self) -> None:
        """Let go what was not read for longest, until the rest is within the budget."""
        while self._bytes > self.budget:
            _, chunk = self._chunks.popitem(last=False)
            self._bytes -= chunk.nbytes


class CachedArray:
    """An array (z, y, x) whose values never change, read through a memory of its chunks.

    Parameters
    ----------
    array
        What is read.
    chunks
        Edges (z, y, x) of its chunks.
    memory
        Where they are kept.
    """

    def __init__(self, array: LazyArray, chunks: Index3, memory: ChunkMemory) -> None:
        self.array, self.chunks, self._memory = array, chunks, memory
        self._number = next(memory.numbers)  # not its id, which another array may have later

    @property
    def shape(self) -> tuple[int, ...]:
        """Grid (z, y, x)."""
        return tuple(map(int, self.array.shape))

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of a value."""
        dtype: np.dtype[Any] = np.dtype(self.array.dtype)
        return dtype

    def __getitem__(self, index: Any, /) -> npt.NDArray[Any]:
        """``array[index]`` for integers, slices that go forwards and one ellipsis; a copy."""
        spans, picked = list[Span](), list[int | slice]()
        for part, size in zip(per_axis(index), self.shape, strict=True):
            along = range(size)[part]
            start, stop = (along, along + 1) if isinstance(along, int) else (along.start, max(along.start, along.stop))
            spans.append((start, stop))
            picked.append(0 if isinstance(along, int) else slice(None, None, along.step))
        with self._memory.lock:
            return self._box(spans)[tuple(picked)]

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """All of it in memory."""
        return np.asarray(self[:], dtype=dtype)

    def _box(self, spans: list[Span]) -> npt.NDArray[Any]:
        edges = zip(spans, self.chunks, strict=True)
        zs, ys, xs = (range(start // edge, -(-stop // edge)) for (start, stop), edge in edges)
        places = list(product(zs, ys, xs))
        if not self._read([place for place in places if (self._number, place) not in self._memory]):
            return np.asarray(self.array[_slices(spans)])
        values = np.empty([stop - start for start, stop in spans], dtype=self.dtype)
        for place in places:
            there, within = self._overlap(place, spans)
            values[there] = self._memory[self._number, place][within]
        self._memory.forget()
        return values

    def _read(self, missing: list[Index3]) -> bool:
        """Read the chunks that are missing, row by row; False if they are too many to be kept."""
        if not missing:
            return True
        if math.prod(self.chunks) * self.dtype.itemsize * len(missing) > self._memory.budget:
            return False
        for (z, y), row in groupby(missing, key=itemgetter(0, 1)):
            columns = [x for *_, x in row]
            spans = [self._span(*place) for place in ((0, z, z), (1, y, y), (2, columns[0], columns[-1]))]
            values = np.asarray(self.array[_slices(spans)])
            for x in columns:
                there, _ = self._overlap((z, y, x), spans)
                self._memory[self._number, (z, y, x)] = values[there].copy()
        return True

    def _span(self, axis: int, first: int, last: int) -> Span:
        """Where chunks `first` to `last` of an axis begin and end."""
        edge, size = self.chunks[axis], int(self.array.shape[axis])
        return first * edge, min((last + 1) * edge, size)

    def _overlap(self, place: Index3, spans: list[Span]) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
        """Where a chunk lies in a box, and which part of the chunk lies there."""
        there, within = list[slice](), list[slice]()
        for number, edge, (start, stop) in zip(place, self.chunks, spans, strict=True):
            low, high = max(start, number * edge), min(stop, (number + 1) * edge)
            there.append(slice(low - start, high - start))
            within.append(slice(low - number * edge, high - number * edge))
        return tuple(there), tuple(within)


def cached(array: LazyArray, memory: ChunkMemory) -> LazyArray:
    """`array` read through `memory`, or itself where it is not stored in chunks."""
    chunks = getattr(array, "chunks", None)
    if chunks is None:
        return array
    z, y, x = map(int, chunks)
    return CachedArray(array, (z, y, x), memory)


def _slices(spans: list[Span]) -> tuple[slice, ...]:
    return tuple(slice(*span) for span in spans)
