"""A simulated person clicks as described: against the description written out voxel by voxel."""

import numpy as np
import pytest

from napari_hypseg.hierarchy.contingency import Contingency
from napari_hypseg.hierarchy.scores import best_node_dice, leaf_union_dice
from napari_hypseg.hierarchy.simulated_clicks import dice_after_clicks

K = 20


def random_table(seed, n_leaves=K):
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 60, (n_leaves + 1, 2)) * rng.integers(0, 2, (n_leaves + 1, 2))
    counts[1:] += 1
    return Contingency(counts.astype(np.int64), np.array([0, 1]))


def dice(counts, selected):
    rows = counts[1:][selected]
    return 2 * rows[:, 1].sum() / (rows.sum() + counts[:, 1].sum()) if selected.any() else 0.0


def persons_clicks(counts, trees, n, seed):
    """Dice after n clicks, as the description says it, set by set."""
    rng, selected, reached = np.random.default_rng(seed), np.zeros(K, bool), 0.0
    for _ in range(n):
        missed, wrong = np.where(selected, 0, counts[1:, 1]), np.where(selected, counts[1:, 0], 0)
        if not (missed.any() or wrong.any()):
            break
        adds = not selected.any() or rng.random() < missed.sum() / (missed.sum() + wrong.sum())
        where = missed if adds else wrong
        leaf = rng.choice(K, p=where / where.sum())
        better = [(reached, selected)]
        for tree in trees:
            for node in range(tree.root + 1):
                if leaf in tree.leaves_of(node):
                    changed = selected.copy()
                    changed[tree.leaves_of(node)] = adds
                    better.append((dice(counts, changed), changed))
        reached, selected = max(better, key=lambda one: one[0])
    return reached


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("n_trees", [1, 2])
def test_clicks_are_those_of_the_description(make_tree, seed, n_trees):
    table, trees = random_table(seed), [make_tree(seed + 10 * i, K) for i in range(n_trees)]
    found = dice_after_clicks(table, trees, [1], (1, 2, 6), trials=3)
    for n, reached in found.items():
        assert reached == pytest.approx(np.mean([persons_clicks(table.counts, trees, n, t) for t in range(3)]))


@pytest.mark.parametrize("seed", range(4))
def test_more_clicks_are_never_worse_and_end_below_the_best_union(make_tree, seed):
    table, tree = random_table(seed), make_tree(seed, K)
    curve = dice_after_clicks(table, [tree], [1], tuple(range(1, 40)))
    assert (np.diff(list(curve.values())) >= 0).all()
    assert curve[39] <= leaf_union_dice(table, [1]) + 1e-12
    assert curve[1] <= best_node_dice(table, tree, [1])[0] + 1e-12


def test_what_is_one_node_needs_one_click(make_tree):
    tree, counts = make_tree(0, K), np.zeros((K + 1, 2), np.int64)
    counts[1:, 0] = 7
    part = 1 + tree.leaves_of(tree.smaller_children[tree.root])
    counts[part] = [0, 5]
    assert dice_after_clicks(Contingency(counts, np.array([0, 1])), [tree], [1]) == dict.fromkeys((1, 3, 5, 8), 1.0)


def test_a_structure_outside_all_leaves_cannot_be_clicked(make_tree):
    counts = np.zeros((K + 1, 2), np.int64)
    counts[1:, 0], counts[0, 1] = 5, 9
    table = Contingency(counts, np.array([0, 1]))
    assert dice_after_clicks(table, [make_tree(0, K)], [1], (1, 20)) == {1: 0.0, 20: 0.0}
