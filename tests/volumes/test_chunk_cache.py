"""Arrays read through a memory of their chunks."""

import numpy as np
import pytest

from napari_hypseg.volumes.chunk_cache import CachedArray, ChunkMemory, cached

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
