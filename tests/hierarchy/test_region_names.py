import numpy as np
import pytest

from napari_hypseg.hierarchy.cuts import checked_cut, cut_at
from napari_hypseg.hierarchy.region_names import names_of_nodes, region_names
from tests.scipy_tree import split_at


def node_name(tree, node):
    return names_of_nodes(tree, np.array([node]))[1]


def test_the_whole_is_1_and_the_first_to_leave_it_is_2(make_tree):
    tree = make_tree(0, 30)
    assert region_names(tree, cut_at(tree, 1)) == {1: "1"}
    assert region_names(tree, cut_at(tree, 2)) == {1: "1", 2: "2"}


@pytest.mark.parametrize("seed", range(5))
def test_a_name_is_the_line_of_regions_it_broke_off_from(make_tree, seed):
    tree = make_tree(seed, 60)
    for k in range(2, 60):
        splitting = split_at(tree, k)
        origin, child = node_name(tree, splitting), node_name(tree, int(tree.smaller_children[splitting]))
        assert child == (str(k + 1) if origin == "1" else f"{origin}.{k + 1}")
        assert node_name(tree, int(tree.larger_children[splitting])) == origin


@pytest.mark.parametrize("seed", range(5))
def test_names_within_a_cut_are_unique_and_end_in_the_region_id(make_tree, seed):
    tree = make_tree(seed, 60)
    for k in (2, 5, 17, 60):
        names = region_names(tree, cut_at(tree, k))
        assert len(set(names.values())) == k
        assert all(int(name.rpartition(".")[2]) == region for region, name in names.items())


def test_names_stay_short_where_one_leaf_after_the_other_breaks_off(unbalanced):
    names = region_names(unbalanced, cut_at(unbalanced, 80)).values()
    assert max(name.count(".") for name in names) < 6


def test_a_cut_of_a_few_nodes_keeps_their_names(make_tree):
    tree = make_tree(1, 40)
    node = int(tree.smaller_children[tree.root - 5])
    assert region_names(tree, checked_cut(tree, (node,))) == {1: node_name(tree, node)}
