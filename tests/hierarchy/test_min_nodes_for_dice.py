from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from napari_hypseg.hierarchy.contingency import Contingency
from napari_hypseg.hierarchy.min_nodes_for_dice import min_nodes_for_dice
from napari_hypseg.hierarchy.scores import leaf_union_dice


def random_table(rng, n_leaves):
    """Leaves of all kinds: pure, mixed and empty ones, and labelled voxels outside all of them."""
    counts = rng.integers(0, 40, (n_leaves + 1, 2)) * rng.integers(0, 2, (n_leaves + 1, 2))
    counts[0] = rng.integers(0, 9, 2)
    counts[1, 1] += 1
    return Contingency(counts.astype(np.int64), np.array([0, 7]))


def fewest(table, tree, dice):
    """Every set of nodes is tried, the small ones first."""
    total = int(table.counts[:, 1].sum())
    below = [set(tree.leaves_of(node).tolist()) for node in range(tree.root + 1)]
    for n in range(1, tree.n_leaves + 1):
        for nodes in combinations(below, n):
            rows = table.counts[[1 + leaf for leaf in set().union(*nodes)]]
            if Fraction(int(2 * rows[:, 1].sum()), int(rows.sum()) + total) >= dice:
                return n
    return None


@pytest.mark.parametrize("seed", range(12))
def test_it_is_the_fewest_of_all_sets_of_nodes(make_tree, seed):
    rng = np.random.default_rng(seed)
    n_leaves = int(rng.integers(1, 8))
    tree, table = make_tree(seed, n_leaves), random_table(rng, n_leaves)
    for dice in (Fraction(1, 4), Fraction(1, 2), Fraction(7, 10), Fraction(85, 100), Fraction(1)):
        assert min_nodes_for_dice(table, tree, [7], dice) == fewest(table, tree, dice)


@pytest.mark.parametrize("seed", range(6))
def test_it_is_none_exactly_where_no_union_of_leaves_is_enough(make_tree, seed):
    rng = np.random.default_rng(100 + seed)
    tree, table = make_tree(seed, 60), random_table(rng, 60)
    reached = leaf_union_dice(table, [7])
    just_below, just_above = Fraction(reached) - Fraction(1, 10**6), Fraction(reached) + Fraction(1, 10**6)
    assert min_nodes_for_dice(table, tree, [7], just_below.limit_denominator(10**7)) is not None
    assert min_nodes_for_dice(table, tree, [7], just_above.limit_denominator(10**7)) is None


def test_a_node_that_is_the_structure_takes_one_click(make_tree):
    tree = make_tree(3, 20)
    counts = np.zeros((21, 2), np.int64)
    part = tree.leaves_of(tree.smaller_children[tree.root])
    counts[1 + np.arange(20), 0] = 10
    counts[1 + part] = [0, 10]
    assert min_nodes_for_dice(Contingency(counts, np.array([0, 1])), tree, [1], Fraction(1)) == 1


def test_scattered_leaves_take_a_click_each_and_never_more_than_a_better_dice(make_tree):
    tree = make_tree(5, 16)
    counts = np.full((17, 2), [1000, 0])
    counts[0] = 0
    counts[1 + tree.leaf_order[::4]] = [0, 10]
    table = Contingency(counts.astype(np.int64), np.array([0, 1]))
    assert min_nodes_for_dice(table, tree, [1], Fraction(1)) == 4
    assert min_nodes_for_dice(table, tree, [1]) == 3  # 2 · 30 / (30 + 40) = 0.857


def test_the_threshold_itself_is_enough(make_tree):
    counts = np.array([[0, 3], [0, 17]], np.int64)  # 2 · 17 / (17 + 20) = 34/37
    table = Contingency(counts, np.array([0, 1]))
    assert min_nodes_for_dice(table, make_tree(0, 1), [1], Fraction(34, 37)) == 1
    assert min_nodes_for_dice(table, make_tree(0, 1), [1], Fraction(34, 37) + Fraction(1, 10**9)) is None


@pytest.mark.parametrize("dice", [Fraction(0), Fraction(-1, 2), Fraction(3, 2)])
def test_a_dice_that_cannot_be_is_refused(make_tree, dice):
    with pytest.raises(ValueError, match="dice"):
        min_nodes_for_dice(random_table(np.random.default_rng(0), 3), make_tree(0, 3), [7], dice)
