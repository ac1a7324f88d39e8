import numpy as np
import pytest

from napari_hypseg.hierarchy.branch_states import SAMPLES, branch_states
from napari_hypseg.hierarchy.cuts import cut_at, lookup
from napari_hypseg.hierarchy.dendrogram import depth_of_cut, lay_out, regions_at_depth


@pytest.mark.parametrize("max_merges", [1, 7, 200])
@pytest.mark.parametrize("seed", range(3))
def test_children_hang_below_their_parents_and_leaves_run_in_order(make_tree, seed, max_merges):
    tree = make_tree(seed, 60)
    drawn = lay_out(tree, max_merges=max_merges)
    inner = np.flatnonzero(~drawn.tips)
    assert len(inner) == min(max_merges, 59)
    for index in inner:
        larger, smaller = drawn.children[index]
        assert {int(drawn.nodes[larger]), int(drawn.nodes[smaller])} == set(tree.children[drawn.nodes[index]].tolist())
        for child in (larger, smaller):
            assert drawn.top[child] == drawn.depth[index] < drawn.depth[child] <= drawn.floor
        assert drawn.left[index] == drawn.left[larger] < drawn.right[larger] == drawn.left[smaller]
        assert drawn.right[smaller] == drawn.right[index]
        assert drawn.left[index] < drawn.x[larger] < drawn.x[index] < drawn.x[smaller] < drawn.right[index]
    tips = np.flatnonzero(drawn.tips)
    tips = tips[np.argsort(drawn.x[tips])]
    below = np.concatenate([np.sort(tree.leaves_of(node)) for node in drawn.nodes[tips]])
    assert sorted(below.tolist()) == list(range(60))
    starts = tree.ranges[drawn.nodes[tips], 0]
    assert (np.diff(starts) > 0).all()
    assert (drawn.left[0], drawn.right[0]) == (0, 1)


@pytest.mark.parametrize("k", [1, 2, 3, 17, 60])
def test_the_line_of_a_cut_crosses_the_stems_of_its_regions(make_tree, unbalanced, k):
    for tree in (make_tree(0, 60), unbalanced):
        drawn = lay_out(tree)
        line = depth_of_cut(k)
        crossed = drawn.nodes[(drawn.top <= line) & (line < drawn.depth)]
        assert sorted(crossed.tolist()) == list(cut_at(tree, k).nodes)


def test_a_line_and_its_number_of_regions_are_each_others_inverse():
    for k in range(2, 3000):
        assert regions_at_depth(depth_of_cut(k), 2, 65535) == k
    assert regions_at_depth(-3.0, 2, 60) == 2
    assert regions_at_depth(30.0, 2, 60) == 60


def test_a_point_lies_in_the_region_of_the_cut_at_its_depth(make_tree):
    tree = make_tree(1, 60)
    drawn = lay_out(tree, max_merges=20)
    for k in (1, 2, 5, 20):
        for index in np.flatnonzero(np.isin(drawn.nodes, cut_at(tree, k).nodes)):
            assert drawn.node_at(drawn.x[index], depth_of_cut(k)) == drawn.nodes[index]
    tip = int(np.flatnonzero(drawn.tips)[0])
    assert drawn.node_at(drawn.x[tip], drawn.floor) == drawn.nodes[tip]
    assert drawn.node_at(1.2, 1.0) is None
    assert drawn.node_at(0.5, -0.1) is None


def test_what_was_opened_by_hand_is_drawn_however_deep_it_lies(make_tree):
    tree = make_tree(2, 60)
    deep = tree.n_leaves
    few = lay_out(tree, max_merges=3)
    assert few.index_of(deep) is None
    more = lay_out(tree, [deep], max_merges=3)
    index = more.index_of(deep)
    assert index is not None
    assert not more.tips[index]
    assert len(more.nodes) < 2 * tree.n_leaves - 1


def test_thousands_of_leaves_are_a_few_hundred_branches():
    from tests.scipy_tree import scipy_tree

    rng = np.random.default_rng(0)
    tree = scipy_tree(rng.normal(size=(3000, 2)).astype(np.float32), np.ones(3000, dtype=int))
    assert len(lay_out(tree).nodes) == 401


def test_a_branch_is_of_one_colour_where_all_below_is_one_region(make_tree):
    tree = make_tree(0, 40)
    nodes = np.arange(tree.root + 1)
    regions = lookup(tree, cut_at(tree, 6))[1:]
    selected = np.zeros(40, dtype=bool)
    selected[tree.leaves_of(int(tree.root - 3))] = True
    states = branch_states(tree, nodes, regions, selected)
    for node in nodes:
        below = tree.leaves_of(node)
        assert states.uniform[node] == (len(set(regions[below].tolist())) == 1)
        assert states.selected[node] == selected[below].all()
        assert set(states.samples[node].tolist()) <= set(below.tolist())
        assert len(below) > SAMPLES or set(states.samples[node].tolist()) == set(below.tolist())
    assert not branch_states(tree, nodes, regions, None).selected.any()
