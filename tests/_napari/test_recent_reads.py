import numpy as np

from napari_hypseg._napari.recent_reads import PARTS, RecentReads


class Counting:
    shape, dtype = (20, 4, 4), np.uint16

    def __init__(self):
        self.read = 0

    def __getitem__(self, index):
        self.read += 1
        return np.arange(320, dtype=np.uint16).reshape(self.shape)[index].copy()


def test_a_part_is_read_once_while_it_is_among_the_last():
    array = Counting()
    recent = RecentReads(array)
    for _ in range(3):
        np.testing.assert_array_equal(recent[2, :, 1:], array.__class__()[2, :, 1:])
    assert array.read == 1
    for plane in range(3, 3 + PARTS):
        recent[plane]
    recent[2, :, 1:]
    assert array.read == PARTS + 2


def test_what_is_given_cannot_be_written_to():
    assert not RecentReads(Counting())[3].flags.writeable
