"""Basins keep their numbers from tile to tile."""

import numpy as np

from napari_hypseg.supervoxels.basin_numbering import BasinNumbering
from napari_hypseg.volumes.box import Box


def test_basins_keep_their_numbers():
    numbering = BasinNumbering((1, 1, 50), 16)
    np.testing.assert_array_equal(numbering.of(np.array([7, 30])), [1, 2])
    np.testing.assert_array_equal(numbering.of(np.array([3, 7, 40])), [3, 1, 4])
    np.testing.assert_array_equal(numbering.of(np.array([3, 7, 30, 40])), [3, 1, 2, 4])
    assert numbering.of(np.array([], np.int64)).size == 0
    assert len(numbering) == 4


def test_minima_that_no_later_tile_meets_are_forgotten():
    shape = (200, 200, 200)
    numbering = BasinNumbering(shape, 48)
    minima = np.sort(np.ravel_multi_index(([10, 90, 10], [10, 10, 90], [5, 5, 5]), shape))
    numbering.of(minima)
    numbering.forget_before(Box((0, 96, 0), (96, 192, 96)))
    np.testing.assert_array_equal(numbering.of(minima[1:]), [2, 3])
    assert len(numbering._tables) == 2
    numbering.forget_before(Box((96, 0, 0), (192, 96, 96)))
    np.testing.assert_array_equal(numbering.of(minima[2:]), [3])
    assert len(numbering._tables) == 1
    assert len(numbering) == 3
