import numpy as np
import pytest

from napari_hypseg.errors import SettingError
from napari_hypseg.hierarchy.cuts import Cut, checked_cut, cut_at, lookup, lookup_of_nodes, region_nodes
from tests.scipy_tree import split_at


def looked_up(tree, cut):
    """The table leaf by leaf, climbing from each until a node of the cut is met."""
    ids = {int(node): i for i, node in enumerate(region_nodes(tree, cut), start=1)}
    table = [0]
    for leaf in range(tree.n_leaves):
        node = leaf
        while node not in ids and node != tree.root:
            node = int(tree.parents[node])
        table.append(ids.get(node, 0))
    return table


@pytest.mark.parametrize("linkage", ["average", "ward"])
@pytest.mark.parametrize("seed", range(4))
def test_every_cut_splits_one_region_of_the_one_before(make_tree, linkage, seed):
    tree = make_tree(seed, 70, linkage)
    before = set(cut_at(tree, 1).nodes)
    assert before == {tree.root}
    for k in range(2, 71):
        now = set(cut_at(tree, k).nodes)
        split = split_at(tree, k - 1)
        assert len(now) == k
        assert before - now == {split}
        assert now - before == set(tree.children[split].tolist())
        before = now
    assert before == set(range(70))


@pytest.mark.parametrize("seed", range(4))
def test_the_table_holds_the_region_of_every_leaf(make_tree, unbalanced, seed):
    for tree in (make_tree(seed, 50), unbalanced):
        for k in (1, 2, 3, 7, 20, tree.n_leaves):
            cut = cut_at(tree, k)
            table = lookup(tree, cut)
            assert table.dtype == np.uint16
            assert table.shape == (tree.n_leaves + 1,)
            assert table.tolist() == looked_up(tree, cut)
            assert set(table[1:].tolist()) == set(range(1, k + 1))


@pytest.mark.parametrize("seed", range(4))
def test_a_region_keeps_its_id_until_it_splits(make_tree, seed):
    tree = make_tree(seed, 50)
    for k in range(1, 50):
        now, then = lookup(tree, cut_at(tree, k)), lookup(tree, cut_at(tree, k + 1))
        changed = np.flatnonzero(now != then) - 1
        assert changed.tolist() == tree.leaves_of(tree.smaller_children[split_at(tree, k)]).tolist()
        assert (then[changed + 1] == k + 1).all()


@pytest.mark.parametrize("k", [0, -1, 51])
def test_a_number_of_regions_out_of_range_is_refused_with_the_range(make_tree, k):
    with pytest.raises(SettingError, match=rf"{k} regions cannot be had; choose a number from 1 to 50"):
        cut_at(make_tree(0, 50), k)


def test_a_cut_need_not_cover_all_leaves(make_tree):
    tree = make_tree(0, 50)
    node = int(tree.smaller_children[tree.root])
    cut = checked_cut(tree, (node,))
    table = lookup(tree, cut)
    assert (np.flatnonzero(table) - 1).tolist() == tree.leaves_of(node).tolist()
    assert table.tolist() == looked_up(tree, cut)


def test_nodes_in_any_order_make_a_sorted_cut_with_ids_without_gaps(make_tree):
    tree = make_tree(3, 50)
    fine, coarse = cut_at(tree, 12), cut_at(tree, 5)
    mixed = [n for n in fine.nodes if set(tree.leaves_of(n)) <= set(tree.leaves_of(coarse.nodes[0]))]
    cut = checked_cut(tree, (*coarse.nodes[1:], *reversed(mixed)))
    assert list(cut.nodes) == sorted(cut.nodes)
    assert set(lookup(tree, cut)[1:].tolist()) == set(range(1, cut.n_regions + 1))


@pytest.mark.parametrize("nodes", [(), (-1, 3), (3, 99)])
def test_nodes_that_are_not_there_are_refused(make_tree, nodes):
    with pytest.raises(SettingError, match="node numbers from 0 to 98"):
        checked_cut(make_tree(0, 50), nodes)


def test_a_node_together_with_a_part_of_it_is_refused(make_tree):
    tree = make_tree(0, 50)
    with pytest.raises(SettingError, match="together with a part of it"):
        checked_cut(tree, (tree.root, 3))
    with pytest.raises(SettingError, match="together with a part of it"):
        checked_cut(tree, (3, 3))


def test_cuts_compare_by_their_nodes():
    assert Cut((1, 2)) == Cut((1, 2))
    assert len({Cut((1, 2)), Cut((1, 2)), Cut((3,))}) == 2


def test_a_tree_of_as_many_leaves_as_fit_is_cut_at_both_ends():
    n = 65_535
    rng = np.random.default_rng(0)
    tree = random_tree(rng, n)
    tree.check()
    assert lookup(tree, cut_at(tree, n))[1:].astype(int).sum() == n * (n + 1) // 2
    assert np.bincount(lookup(tree, cut_at(tree, 2))[1:])[1:].sum() == n


def random_tree(rng, n):
    """A tree by merging any two, without distances."""
    from napari_hypseg.hierarchy.tree import Hierarchy

    parents = np.full(2 * n - 1, 2 * n - 2, dtype=np.int32)
    sizes = np.ones(2 * n - 1, dtype=np.int64)
    roots = list(range(n))
    for node in range(n, 2 * n - 1):
        for _ in range(2):
            i = int(rng.integers(len(roots)))
            roots[i], roots[-1] = roots[-1], roots[i]
            parents[roots[-1]] = node
            sizes[node] += sizes[roots.pop()]
        sizes[node] -= 1
        roots.append(node)
    altitudes = np.concatenate([np.zeros(n), np.arange(n - 1)]).astype(np.float32)
    return Hierarchy(parents, altitudes, sizes, np.zeros((n, 2), np.float32))


def test_the_table_of_known_nodes_is_that_of_the_cut(make_tree):
    tree = make_tree(0, 40)
    for k in (1, 2, 7, 40):
        cut = cut_at(tree, k)
        np.testing.assert_array_equal(lookup_of_nodes(tree, region_nodes(tree, cut)), lookup(tree, cut))
