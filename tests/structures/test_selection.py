import numpy as np
import pytest

from napari_hypseg.hierarchy.cuts import cut_at
from napari_hypseg.hierarchy.leaf_sets import TreeNode
from napari_hypseg.hierarchy.tree import KINDS, PARTS
from napari_hypseg.structures.local_cut import LocalCut, ancestors, locally_cut
from napari_hypseg.structures.selection import Selection, covering_nodes, region_above
from tests.structures.conftest import N_LEAVES


def test_a_selection_walks_up_to_the_root_and_back_to_the_leaf(tree):
    selection = Selection.click(tree, 4, region_above(tree, cut_at(tree, 6), 4))
    trees = {PARTS: tree}
    path = selection.path(trees)
    assert (path[0], path[-1]) == (TreeNode(PARTS, 4), TreeNode(PARTS, tree.root))
    up = selection
    while up.node != tree.root:
        before = up.leaves(trees).sum()
        up = up.walked(trees, 1)
        assert up.leaves(trees).sum() > before
    assert up.walked(trees, 1).node == tree.root
    assert up.walked(trees, -100).node == 4


def test_nodes_are_added_and_taken_away(tree):
    whole, trees = Selection.click(tree, 0, tree.root), {PARTS: tree}
    without = whole.joined(trees, PARTS, 3, 3, adds=False)
    assert np.flatnonzero(~without.leaves(trees)).tolist() == [3]
    with_it = without.joined(trees, PARTS, 3, 3, adds=True)
    again = with_it.joined(trees, PARTS, 9, 9, adds=False).walked(trees, 1)
    assert np.flatnonzero(~again.leaves(trees)).tolist() == tree.leaves_of(tree.parents[9]).tolist()


def test_a_walk_offers_the_nodes_of_all_trees_the_smallest_first_and_none_twice(tree, other_tree):
    trees = {PARTS: tree, KINDS: other_tree}
    selection = Selection.click(other_tree, 4, 4)
    path = selection.path(trees)
    sets = [frozenset(trees[step.tree].leaves_of(step.node).tolist()) for step in path]
    sizes = [int(trees[step.tree].sizes[step.node]) for step in path]
    expected = {frozenset(one.leaves_of(node).tolist()) for one in trees.values() for node in ancestors(one, 4)}
    assert set(sets) == expected
    assert len(sets) == len(expected)
    assert sizes == sorted(sizes)
    assert {step.tree for step in path} == {PARTS, KINDS}
    walked = [selection]
    for _ in path[1:]:
        walked.append(walked[-1].walked(trees, 1))
    assert [frozenset(np.flatnonzero(one.leaves(trees)).tolist()) for one in walked] == sets
    assert walked[-1].walked(trees, 1 - len(path)).leaves(trees).sum() == 1
    assert "(kinds)" in selection.describe(trees, 0.1, "5 voxels")
    assert f"of {len(path)} above this voxel" in selection.describe(trees, 0.1, "5 voxels")
    assert "(" not in Selection.click(tree, 4, 4).describe({PARTS: tree}, 0.1, "5 voxels")


def test_several_nodes_are_told_as_leaves_and_the_last_one_as_what_a_walk_changes(tree):
    trees = {PARTS: tree}
    alone = Selection.click(tree, 0, 0)
    both = alone.joined(trees, PARTS, 9, 9, adds=True)
    path = len(both.path(trees))
    assert both.describe(trees, 0.1, "5 voxels") == (
        f"2 leaves, 5 voxels, 10.0% of the sample; added last: node 1 of {path} above this voxel"
    )
    less = both.joined(trees, PARTS, 9, 9, adds=False)
    assert less.describe(trees, 0.1, "5 voxels").startswith("1 leaf, 5 voxels, 10.0% of the sample; taken away last: ")
    union = Selection(PARTS, both.leaves(trees), 0, 0)
    assert union.describe(trees, 0.1, "5 voxels") == "2 leaves, 5 voxels, 10.0% of the sample"


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
