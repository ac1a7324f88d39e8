"""Levels of a large volume are means over the middle planes of cells, and read no more than that."""

import numpy as np

from napari_hypseg.volumes import levels
from napari_hypseg.volumes.chunk_cache import ChunkMemory
from napari_hypseg.volumes.levels import image_levels


class Counted:
    """An array that counts the planes that are read."""

    def __init__(self, data):
        self.data, self.shape, self.dtype, self.planes = data, data.shape, data.dtype, 0

    def __getitem__(self, index):
        read = self.data[index]
        self.planes += len(read)
        return read


def test_small_volumes_have_one_level():
    data = np.zeros((4, 5, 6), np.float32)
    (only,) = image_levels(data, (1.0, 1.0, 1.0), ChunkMemory())
    assert only is data


def test_a_level_reads_one_plane_of_each_cell(monkeypatch):
    monkeypatch.setattr(levels, "LARGE", 10)
    monkeypatch.setattr(levels, "COARSEST", 10)
    data = np.random.default_rng(0).normal(size=(21, 40, 36)).astype(np.float32)
    array = Counted(data)
    fine, half, quarter = image_levels(array, (1.0, 1.0, 1.0), ChunkMemory())
    assert fine is array
    assert (half.shape, quarter.shape) == ((10, 20, 18), (5, 10, 9))
    middle = data[2:20:4].reshape(5, 10, 4, 9, 4).mean(axis=(2, 4))
    np.testing.assert_allclose(quarter[1, :, :], middle[1], rtol=1e-5)
    assert array.planes == 1
    np.testing.assert_allclose(np.asarray(quarter), middle, rtol=1e-5)
    assert array.planes == 5, "the one that was read before is not read again"
    np.testing.assert_allclose(quarter[:, 3:5, 2], middle[:, 3:5, 2], rtol=1e-5)
