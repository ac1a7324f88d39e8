import numpy as np
import pytest

from napari_hypseg.hierarchy.cuts import cut_at
from napari_hypseg.structures.local_cut import LocalCut, ancestors, locally_cut
from napari_hypseg.structures.selection import Selection, covering_nodes, region_above
from tests.structures.conftest import N_LEAVES


def test_a_selection_walks_up_to_the_root_and_back_to_the_leaf(tree):
    selection = Selection.click("parts", tree, 4, region_above(tree, cut_at(tree, 6), 4))
    path = selection.path(tree)
    assert (path[0], path[-1]) == (4, tree.root)
    up = selection
    while up.node != tree.root:
        before = up.leaves(tree).sum()
        up = up.walked(tree, 1)
        assert up.leaves(tree).sum() > before
    assert up.walked(tree, 1).node == tree.root
    assert up.walked(tree, -100).node == 4


def test_nodes_are_added_and_taken_away(tree):
    whole = Selection.click("parts", tree, 0, tree.root)
    without = whole.taken_away(tree, 3, 3)
    assert np.flatnonzero(~without.leaves(tree)).tolist() == [3]
    again = without.added(tree, 3, 3).taken_away(tree, 9, 9).walked(tree, 1)
    assert np.flatnonzero(~again.leaves(tree)).tolist() == tree.leaves_of(tree.parents[9]).tolist()


@pytest.mark.parametrize("seed", range(5))
def test_covering_nodes_are_the_fewest_that_hold_the_leaves(tree, seed):
    chosen = np.random.default_rng(seed).random(N_LEAVES) < 0.7
    nodes = covering_nodes(tree, chosen)
    assert sorted(leaf for node in nodes for leaf in tree.leaves_of(node)) == np.flatnonzero(chosen).tolist()
    for node in nodes:
        assert node == tree.root or not chosen[tree.leaves_of(tree.parents[node])].all()


def test_what_was_opened_stays_open_wherever_the_slider_stands(tree):
    node = int(tree.parents[4])
    local = LocalCut().open(tree, node)
    for k in range(1, N_LEAVES + 1):
        nodes = set(locally_cut(tree, k, local).nodes)
        assert node not in nodes
        assert {int(child) for child in tree.children[node]} & nodes or k > 2
    assert set(tree.children[node].tolist()) <= set(locally_cut(tree, 1, local).nodes)


def test_what_was_closed_is_one_region_until_something_in_it_is_opened(tree):
    inner = int(tree.parents[4])
    outer = ancestors(tree, inner)[1]
    closed = LocalCut().close(tree, outer)
    assert outer in locally_cut(tree, N_LEAVES, closed).nodes
    opened = closed.open(tree, inner)
    assert set(tree.children[inner].tolist()) <= set(locally_cut(tree, 1, opened).nodes)
    assert opened.close(tree, outer) == closed
    assert not LocalCut()
    assert locally_cut(tree, 7, LocalCut()) == cut_at(tree, 7)
