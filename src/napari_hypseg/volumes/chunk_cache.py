"""Chunks of stored arrays kept in memory once they are unpacked: the next slice of a picture lies in the same ones.

Those that a section on its way through an array will come to are unpacked in the background before it is there.
"""

import math
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import partial
from itertools import count, groupby, product
from operator import itemgetter
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.indexing import per_axis
from napari_hypseg.volumes.read_ahead import ReadAhead
from napari_hypseg.volumes.volume import LazyArray

BUDGET = 2**29
"""Bytes of chunks that are kept: those of a section that fills a large screen, or of 512 cubed grey values. What takes
more than that at once, such as a whole volume, is not kept."""

AHEAD = 32
"""Planes before the end of a row of chunks at which the next one is fetched: time enough while one steps quickly."""

Span = tuple[int, int]
Chunk = npt.NDArray[Any]


class ChunkMemory:
    """The chunks that were read last, of one array or of several; it may be used by several threads.

    Parameters
    ----------
    budget
        Bytes that are kept, at most.

    Attributes
    ----------
    numbers
        Numbers for the arrays: not their ids, which other arrays may have later.
    ahead
        Fetches what will be read next.
    """

    def __init__(self, budget: int = BUDGET) -> None:
        self.budget = budget
        self.numbers = count()
        self.ahead = ReadAhead()
        self._lock = Lock()
        self._chunks: OrderedDict[tuple[int, Index3], Chunk] = OrderedDict()
        self._bytes = 0

    @property
    def bytes(self) -> int:
        """What is kept."""
        return self._bytes

    def chunks(self, number: int, places: Iterable[Index3]) -> dict[Index3, Chunk]:
        """Those of the chunks of array `number` at `places` that are kept."""
        found = {}
        with self._lock:
            for place in places:
                if (number, place) in self._chunks:
                    self._chunks.move_to_end((number, place))
                    found[place] = self._chunks[number, place]
        return found

    def keep(self, number: int, chunks: dict[Index3, Chunk]) -> None:
        """Keep chunks of array `number`, and let go what was not read for longest until all is within the budget."""
        with self._lock:
            for place, chunk in chunks.items():
                before = self._chunks.pop((number, place), None)
                self._chunks[number, place] = chunk
                self._bytes += chunk.nbytes - (0 if before is None else before.nbytes)
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
        self._number = next(memory.numbers)
        self._section: tuple[int, int] | None = None

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
        values = self._box(spans)[tuple(picked)]
        self._look_ahead(spans)
        return values

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """All of it in memory."""
        return np.asarray(self[:], dtype=dtype)

    def _box(self, spans: list[Span]) -> Chunk:
        places = self._places(spans)
        chunks = self._memory.chunks(self._number, places)
        missing = [place for place in places if place not in chunks]
        if missing and not self._can_keep(len(missing)):
            return np.asarray(self.array[_slices(spans)])
        for row in _rows(missing):
            chunks |= self._read_row(row)
        values = np.empty([stop - start for start, stop in spans], dtype=self.dtype)
        for place in places:
            there, within = self._overlap(place, spans)
            values[there] = chunks[place][within]
        return values

    def _places(self, spans: list[Span]) -> list[Index3]:
        """The chunks (z, y, x) of a box, in z-major order."""
        edges = zip(spans, self.chunks, strict=True)
        zs, ys, xs = (range(start // edge, -(-stop // edge)) for (start, stop), edge in edges)
        return list(product(zs, ys, xs))

    def _can_keep(self, count: int) -> bool:
        return math.prod(self.chunks) * self.dtype.itemsize * count <= self._memory.budget

    def _read_row(self, row: list[Index3]) -> dict[Index3, Chunk]:
        """Read and keep chunks of one row along x."""
        (z, y, first), (*_, last) = row[0], row[-1]
        spans = [self._span(*place) for place in ((0, z, z), (1, y, y), (2, first, last))]
        values = np.asarray(self.array[_slices(spans)])
        chunks = {place: values[self._overlap(place, spans)[0]].copy() for place in row}
        self._memory.keep(self._number, chunks)
        return chunks

    def _look_ahead(self, spans: list[Span]) -> None:
        """Fetch the next chunks in the background if this is a section that comes near the end of its own."""
        thin = [axis for axis, (start, stop) in enumerate(spans) if stop - start == 1]
        if len(thin) != 1:
            return
        (axis,) = thin
        here, edge = spans[axis][0], self.chunks[axis]
        before, self._section = self._section, (axis, here)
        if before is None or before[0] != axis or before[1] == here:
            return
        forwards = here > before[1]
        left = edge - 1 - here % edge if forwards else here % edge
        then = here // edge + (1 if forwards else -1)
        if left > AHEAD or not 0 <= then * edge < self.shape[axis]:
            return
        place = then * edge, then * edge + 1
        wanted = self._places([place if other == axis else span for other, span in enumerate(spans)])
        missing = sorted(set(wanted) - self._memory.chunks(self._number, wanted).keys())
        if missing and self._can_keep(2 * len(wanted)):
            self._memory.ahead.want((self._number, axis, then), self._fetching(missing))

    def _fetching(self, missing: list[Index3]) -> list[Callable[[], object]]:
        return [partial(self._fetch, row) for row in _rows(missing)]

    def _fetch(self, row: list[Index3]) -> None:
        """Read what was not read meanwhile of a row."""
        there = self._memory.chunks(self._number, row)
        left = [place for place in row if place not in there]
        if left:
            self._read_row(left)

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


def _rows(places: list[Index3]) -> list[list[Index3]]:
    """Places in z-major order, those of one row along x together."""
    return [list(row) for _, row in groupby(places, key=itemgetter(0, 1))]


def _slices(spans: list[Span]) -> tuple[slice, ...]:
    return tuple(slice(*span) for span in spans)
