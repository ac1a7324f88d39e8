"""Arrays read through a memory of their chunks."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from napari_hypseg.volumes import chunk_cache
from napari_hypseg.volumes.chunk_cache import CachedArray, ChunkMemory, cached
from napari_hypseg.volumes.read_ahead import THREAD, ReadAhead

SHAPE, CHUNKS = (10, 14, 9), (4, 4, 4)
CHUNK_BYTES = 4 * 4 * 4 * 2


class Counting:
    """An array in chunks that notes what is read."""

    shape, dtype, chunks = SHAPE, np.uint16, CHUNKS

    def __init__(self):
        self.values = np.arange(np.prod(SHAPE), dtype=np.uint16).reshape(SHAPE)
        self.read = []

    def __getitem__(self, index):
        self.read.append(index)
        return self.values[index]


@pytest.mark.parametrize(
    "index", [np.s_[:], np.s_[5], np.s_[3:8, 2:13], np.s_[-1, ..., ::3], np.s_[:, 13, 2:7], np.s_[4, 5, 6], np.s_[4:4]]
)
@pytest.mark.parametrize("budget", [CHUNK_BYTES, 10**6])
def test_any_part_is_that_of_the_array(index, budget):
    array = Counting()
    again = CachedArray(array, CHUNKS, ChunkMemory(budget))
    for _ in range(2):
        np.testing.assert_array_equal(again[index], array.values[index])


def test_slices_in_the_same_chunks_are_read_once_and_new_ones_by_rows():
    array = Counting()
    again = CachedArray(array, CHUNKS, ChunkMemory())
    again[5, :7, :]
    assert array.read == [np.s_[4:8, 0:4, 0:9], np.s_[4:8, 4:8, 0:9]]
    again[4:8, :8]
    again[6, 2, 3]
    assert len(array.read) == 2
    again[7]
    assert array.read[2:] == [np.s_[4:8, 8:12, 0:9], np.s_[4:8, 12:14, 0:9]]


def test_what_was_not_read_for_longest_is_let_go():
    array = Counting()
    again = CachedArray(array, CHUNKS, ChunkMemory(2 * CHUNK_BYTES))
    for place in ((0, 0, 0), (4, 0, 0), (0, 0, 0), (0, 4, 0), (0, 0, 0)):
        again[place]
    assert len(array.read) == 3
    again[4, 0, 0]
    assert len(array.read) == 4


def test_a_whole_volume_passes_without_being_kept():
    array = Counting()
    again = CachedArray(array, CHUNKS, ChunkMemory(4 * CHUNK_BYTES))
    again[0, 0, 0]
    again[:]
    again[0, 0, 1]
    assert array.read == [np.s_[0:4, 0:4, 0:4], np.s_[0:10, 0:14, 0:9]]


def test_several_arrays_share_a_memory_and_what_has_no_chunks_is_read_as_it_is():
    memory, one, other = ChunkMemory(), Counting(), Counting()
    other.values = other.values + 7
    np.testing.assert_array_equal(cached(one, memory)[2], one.values[2])
    np.testing.assert_array_equal(cached(other, memory)[2], other.values[2])
    assert cached(one.values, memory) is one.values


def test_a_copy_is_given():
    again = CachedArray(Counting(), CHUNKS, ChunkMemory())
    again[3][:] = 0
    assert again[3].any()


def settle():
    """Wait until nothing is fetched any more."""
    for thread in threading.enumerate():
        if thread.name == THREAD:
            thread.join(5)


@pytest.mark.parametrize(("steps", "row"), [((4, 5), np.s_[8:10]), ((6, 5), np.s_[0:4])])
def test_the_row_of_chunks_that_a_section_goes_to_is_there_before_it(steps, row):
    array = Counting()
    again = CachedArray(array, CHUNKS, ChunkMemory())
    for z in steps:
        again[z, :7, :]
    settle()
    assert array.read[2:] == [(row, slice(0, 4), slice(0, 9)), (row, slice(4, 8), slice(0, 9))]
    there = row.start if steps[0] < steps[1] else row.stop - 1
    np.testing.assert_array_equal(again[there, 1:7], array.values[there, 1:7])
    settle()
    assert len(array.read) == 4, "it is not read again"


@pytest.mark.parametrize("axis", [1, 2])
def test_sections_across_the_planes_have_theirs_fetched_too(axis):
    array = Counting()
    again = CachedArray(array, CHUNKS, ChunkMemory())
    for place in (1, 2):
        again[tuple(place if other == axis else slice(None) for other in range(3))]
    settle()
    before = len(array.read)
    again[tuple(4 if other == axis else slice(None) for other in range(3))]
    assert len(array.read) == before


def test_nothing_is_fetched_for_a_section_that_stays_or_for_what_is_no_section():
    array = Counting()
    again = CachedArray(array, CHUNKS, ChunkMemory())
    for index in (np.s_[5, :7], np.s_[5, 2:9], np.s_[5, 3, 3], np.s_[6, 3, 3], np.s_[2:7, :, 3:5]):
        again[index]
    settle()
    assert [index[0] for index in array.read].count(slice(8, 10)) == 0


def test_a_row_is_fetched_only_near_its_end_and_if_both_fit(monkeypatch):
    array = Counting()
    monkeypatch.setattr(chunk_cache, "AHEAD", 1)
    near = CachedArray(array, CHUNKS, ChunkMemory())
    for z, rows in ((4, 4), (5, 4), (6, 8)):
        near[z, :, :4]
        settle()
        assert len(array.read) == rows
    small = CachedArray(array, CHUNKS, ChunkMemory(7 * CHUNK_BYTES))
    for z in (6, 7):
        small[z, :, :4]
    settle()
    assert len(array.read) == 12


def test_what_cannot_be_read_is_told_to_whoever_reads_it():
    class Failing(Counting):
        def __getitem__(self, index):
            if index[0].start == 8:
                raise OSError("gone")
            return super().__getitem__(index)

    again = CachedArray(Failing(), CHUNKS, ChunkMemory())
    for z in (4, 5):
        again[z]
    settle()
    with pytest.raises(OSError, match="gone"):
        again[8]


def test_only_the_last_wish_is_fetched():
    ahead, begun, go, fetched = ReadAhead(), threading.Event(), threading.Event(), []

    def first():
        begun.set()
        go.wait(5)
        fetched.append("first")

    ahead.want("a", [first, lambda: fetched.append("second")])
    assert begun.wait(5)
    ahead.want("a", [lambda: fetched.append("again")])
    ahead.want("b", [lambda: fetched.append("other")])
    go.set()
    settle()
    assert fetched == ["first", "other"]
    go.clear()
    begun.clear()
    ahead.want("a", [first, lambda: fetched.append("second")])
    assert begun.wait(5)
    ahead.cancel()
    go.set()
    settle()
    assert fetched == ["first", "other", "first"]


def test_a_memory_is_bounded_whatever_is_read_through_it_by_several_threads():
    memory = ChunkMemory(30 * CHUNK_BYTES)
    arrays = [CachedArray(Counting(), CHUNKS, memory) for _ in range(3)]
    expected = Counting().values

    def read(number):
        for z in (*range(10), *reversed(range(10))):
            np.testing.assert_array_equal(arrays[number % 3][z], expected[z])

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(read, range(6)))
    settle()
    assert 0 < memory.bytes <= 30 * CHUNK_BYTES
