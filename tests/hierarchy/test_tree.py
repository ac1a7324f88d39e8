from dataclasses import replace

import numpy as np
import pytest

from napari_hypseg.errors import ProjectError
from napari_hypseg.geometry.metric import EUCLIDEAN
from napari_hypseg.hierarchy.agglomeration.build import build_hierarchy


def climbed(tree, leaf):
    """The leaf and all its ancestors, by walking the parents."""
    line = [leaf]
    while line[-1] != tree.root:
        line.append(int(tree.parents[line[-1]]))
    return line


@pytest.mark.parametrize("seed", range(5))
def test_leaves_of_every_node_are_those_that_climb_to_it(make_tree, seed):
    tree = make_tree(seed, 40)
    lines = [climbed(tree, leaf) for leaf in range(40)]
    for node in range(len(tree.parents)):
        assert tree.leaves_of(node).tolist() == [leaf for leaf in range(40) if node in lines[leaf]]


def test_children_point_back_to_their_parents_and_sizes_add_up(make_tree):
    tree = make_tree(0, 60)
    for node in range(tree.n_leaves, tree.root + 1):
        children = tree.children[node]
        assert (tree.parents[children] == node).all()
        assert tree.sizes[children].sum() == tree.sizes[node]
        assert {tree.larger_children[node], tree.smaller_children[node]} == set(children)
        assert tree.sizes[tree.larger_children[node]] >= tree.sizes[tree.smaller_children[node]]
    assert (tree.children[: tree.n_leaves] == -1).all()
    assert (tree.larger_children[: tree.n_leaves] == -1).all()


def test_the_larger_child_keeps_the_number_and_the_smaller_gets_the_next(make_tree):
    tree = make_tree(1, 50)
    for k in range(1, 50):
        splitting = tree.root - k + 1
        assert tree.numbers[tree.larger_children[splitting]] == tree.numbers[splitting]
        assert tree.numbers[tree.smaller_children[splitting]] == k + 1


def test_one_leaf_is_a_tree():
    tree = build_hierarchy(np.zeros((1, 2), np.float32), np.array([7]), EUCLIDEAN)
    tree.check()
    assert (tree.n_leaves, tree.root) == (1, 0)
    assert tree.leaves_of(0).tolist() == [0]
    assert tree.numbers.tolist() == [1]


def swapped(values, first, second):
    changed = values.copy()
    changed[[first, second]] = changed[[second, first]]
    return changed


def test_a_sound_tree_passes_the_check_and_a_damaged_one_is_named(make_tree):
    tree = make_tree(2, 20)
    tree.check()
    damaged = [
        replace(tree, parents=tree.parents[:-1]),
        replace(tree, parents=np.full_like(tree.parents, tree.root)),
        replace(tree, parents=np.zeros_like(tree.parents)),
        replace(tree, parents=tree.parents - 30),
        replace(tree, parents=tree.parents + 1),
        replace(tree, altitudes=swapped(tree.altitudes, 25, tree.root)),
        replace(tree, altitudes=np.full_like(tree.altitudes, np.nan)),
        replace(tree, sizes=tree.sizes + 1),
        replace(tree, points=tree.points[:-1]),
    ]
    for broken in damaged:
        with pytest.raises(ProjectError, match="tree of regions is damaged"):
            broken.check()
