"""Coarser grids of grey values and labels."""

from collections import Counter

import numpy as np
import pytest

from napari_hypseg.volumes.cells import cell_between, cell_edges, cells_of, commonest, mean_of_cells


@pytest.mark.parametrize("cell", [(2, 2, 2), (1, 2, 2), (2, 1, 1)])
def test_the_commonest_label_of_a_cell_counted_one_by_one(cell):
    labels = np.random.default_rng(0).integers(0, 4, (6, 8, 4)).astype(np.uint16)
    found = commonest(labels, cell)
    for place in np.ndindex(found.shape):
        part = labels[tuple(slice(i * n, (i + 1) * n) for i, n in zip(place, cell, strict=True))]
        counts = Counter(part.ravel().tolist())
        assert found[place] == min(value for value, n in counts.items() if n == max(counts.values()))
    assert found.dtype == np.uint16


def test_cells_that_are_cut_short():
    labels = np.array([[[1, 2, 2]]], dtype=np.uint32)
    np.testing.assert_array_equal(commonest(labels, (2, 2, 2)), [[[1, 2]]])
    np.testing.assert_array_equal(mean_of_cells(labels.astype(np.float32), (1, 1, 2)), [[[1.5, 2]]])


def test_means_keep_their_type_and_leave_out_what_is_not_a_number():
    assert mean_of_cells(np.array([[[1, 2]]], np.int16), (1, 1, 2)).tolist() == [[[2]]]
    grey = np.array([[[np.nan, 3], [np.nan, np.nan]]], np.float32)
    np.testing.assert_array_equal(mean_of_cells(grey, (1, 1, 2)), np.array([[[3], [np.nan]]], np.float32))
    assert mean_of_cells(grey, (1, 1, 2)).dtype == np.float32


def test_fine_axes_are_halved_until_all_is_small():
    assert cell_edges((100, 128, 90), (1, 1, 1), coarsest=128) == []
    assert cell_edges((300, 300, 600), (1, 1, 1), coarsest=128) == [(2, 2, 2), (4, 4, 4), (8, 8, 8)]
    assert cell_edges((60, 600, 600), (4, 1, 1), coarsest=128) == [(1, 2, 2), (1, 4, 4), (2, 8, 8)]
    assert cell_edges((1, 300, 20), (1, 1, 1), coarsest=128) == [(1, 2, 2), (1, 4, 4)]


@pytest.mark.parametrize("shape", [(100, 128, 90), (60, 601, 600), (1, 300, 20)])
def test_a_cell_is_known_from_the_two_grids(shape):
    for cell in cell_edges(shape, (2, 1, 1), coarsest=16):
        coarse = cells_of(shape, cell)
        assert cells_of(shape, cell_between(shape, coarse)) == coarse
    assert cell_between((10, 10, 10), (10, 5, 3)) == (1, 2, 4)
