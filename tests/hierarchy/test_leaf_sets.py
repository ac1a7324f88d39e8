"""Nodes with the same leaves have the same key, whatever trees they are of."""

import numpy as np

from napari_hypseg.hierarchy.leaf_sets import TreeNode, ancestors_in_trees, leaf_set_keys
from napari_hypseg.hierarchy.tree import KINDS, PARTS
from tests.scipy_tree import scipy_tree


def tree_over(seed, sizes):
    return scipy_tree(np.random.default_rng(seed).normal(size=(len(sizes), 3)), sizes)


def test_keys_are_equal_exactly_where_the_leaves_are(make_tree):
    trees = [make_tree(seed, 60) for seed in (0, 1)]
    sets = {}
    for tree in trees:
        for node, key in enumerate(leaf_set_keys(tree).tolist()):
            sets.setdefault(key, set()).add(frozenset(tree.leaves_of(node).tolist()))
    assert all(len(same) == 1 for same in sets.values())
    assert len({leaves for same in sets.values() for leaves in same}) == len(sets) > 119


def test_what_both_trees_have_is_a_node_of_the_preferred_one():
    sizes = np.random.default_rng(2).integers(0, 9, 40)
    trees = {PARTS: tree_over(0, sizes), KINDS: tree_over(1, sizes)}
    for preferred in trees:
        path = ancestors_in_trees(trees, 7, preferred)
        assert (path[0], path[-1]) == (TreeNode(preferred, 7), TreeNode(preferred, 78))
        own = [step.node for step in path if step.tree == preferred]
        tree, node, expected = trees[preferred], 7, [7]
        while node != tree.root:
            node = int(tree.parents[node])
            expected.append(node)
        assert own == expected, "none of its own is left out, and they keep their order"


def test_the_order_does_not_depend_on_the_tree_one_stands_in():
    trees = {PARTS: tree_over(0, np.full(40, 5)), KINDS: tree_over(1, np.full(40, 5))}
    first, second = (
        [trees[step.tree].leaves_of(step.node).tolist() for step in ancestors_in_trees(trees, 7, preferred)]
        for preferred in trees
    )
    assert first == second
