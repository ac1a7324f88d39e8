"""Pieces of leaves, and a person who may take them one by one."""

import numpy as np
import pytest

from benchmarks.clicks.leaf_pieces import LeafPieces
from benchmarks.clicks.piece_clicks import dice_of_pieces
from napari_hypseg.hierarchy.contingency import contingency
from napari_hypseg.hierarchy.simulated_clicks import dice_after_clicks
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.jobs import quietly

SHAPE = (4, 8, 12)


@pytest.fixture
def leaves():
    """Leaf 1 around, leaf 2 in two places, leaf 3 beside the first of them, nothing in the corner."""
    ids = np.ones(SHAPE, dtype=np.uint16)
    ids[1:3, 2:4, 1:3] = ids[1:3, 2:4, 8:10] = 2
    ids[1:3, 4:6, 1:3] = 3
    ids[0, 0, 0] = 0
    return ids


@pytest.fixture
def tree(leaves):
    """((2 3) 1)."""
    sizes = np.bincount(leaves.ravel())[1:]
    sizes = np.array([*sizes, sizes[1] + sizes[2], sizes.sum()])
    return Hierarchy(
        np.array([4, 3, 3, 4, 4], dtype=np.int32),
        np.array([0, 0, 0, 1, 2], dtype=np.float32),
        sizes,
        np.zeros((3, 2), dtype=np.float32),
    )


def test_pieces_hang_together_by_corners_and_touch_their_neighbours(leaves):
    pieces = LeafPieces.of(leaves)
    assert pieces.leaves.tolist() == [0, 1, 1, 2]
    assert (pieces.ids == -1).sum() == 1
    assert pieces.count(np.ones(SHAPE, bool)).sum() == np.prod(SHAPE) - 1
    touching = pieces.touching.toarray()
    np.testing.assert_array_equal(touching, touching.T)
    first, second = pieces.ids[1, 2, 1], pieces.ids[1, 2, 8]
    assert touching[first].nonzero()[0].tolist() == [0, 3]
    assert touching[second].nonzero()[0].tolist() == [0]
    start = np.arange(4) == first
    assert pieces.grown(start, pieces.leaves > 0).nonzero()[0].tolist() == [first, 3]
    assert pieces.grown(start, np.ones(4, bool)).all()


def test_a_person_takes_one_of_two_pieces_where_the_leaf_is_too_much(leaves, tree):
    pieces, counted = LeafPieces.of(leaves), leaves > 0
    truth = np.zeros(SHAPE, bool)
    truth[1:3, 2:4, 8:10] = True
    table = contingency(leaves, truth.astype(np.uint8), 3)
    whole = dice_after_clicks(table, [tree], [1], (1, 3), 2)
    single = quietly(dice_of_pieces(pieces, [tree], truth, counted, (1, 3), 2))
    assert whole[3] == pytest.approx(2 / 3)
    assert single == {1: 1.0, 3: 1.0}


def test_what_is_taken_away_hangs_together_in_what_is_selected(leaves, tree):
    pieces, counted = LeafPieces.of(leaves), leaves > 0
    truth = leaves == 2
    truth[1:3, 2:4, 1:3] = False
    truth |= leaves == 1
    found = quietly(dice_of_pieces(pieces, [tree], truth, counted, (1, 2, 8), 6))
    assert found[1] <= found[2] <= found[8]
    assert found[8] == pytest.approx(1, abs=0.01)
