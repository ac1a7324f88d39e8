import json
from itertools import combinations, permutations

import numpy as np
import pytest

from napari_hypseg.errors import ProjectError, SettingError
from napari_hypseg.hierarchy.contingency import Contingency, contingency
from napari_hypseg.hierarchy.cuts import cut_at, lookup
from napari_hypseg.hierarchy.scores import best_node_dice, leaf_union_dice, matched_dice, score_report
from napari_hypseg.hierarchy.tree import KINDS, PARTS


def random_table(rng, n_leaves, classes=(0, 1, 4)):
    counts = rng.integers(0, 60, (n_leaves + 1, len(classes))) * rng.integers(0, 2, (n_leaves + 1, len(classes)))
    counts[0] += 3
    return Contingency(counts.astype(np.int64), np.array(classes))


def dice(first, second):
    return 2 * (first & second).sum() / (first.sum() + second.sum())


def best_matching(matrix):
    """Highest sum over all ways to give every class a region of its own, or none."""
    n_regions, n_classes = matrix.shape
    padded = np.concatenate([matrix, np.zeros((n_classes, n_classes))])
    return max(
        sum(padded[region, c] for c, region in enumerate(chosen))
        for chosen in permutations(range(n_regions + n_classes), n_classes)
    )


@pytest.mark.parametrize("seed", range(4))
def test_matched_dice_is_the_best_of_all_matchings_voxel_by_voxel(make_tree, seed):
    rng = np.random.default_rng(seed)
    tree = make_tree(seed, 10)
    leaves = rng.integers(0, 11, (5, 6, 7)).astype(np.uint16)
    truth = (leaves + rng.integers(0, 2, leaves.shape)) % 3
    table = contingency(leaves, truth, 10)
    for k in (1, 2, 3, 4):
        regions = lookup(tree, cut_at(tree, k))[leaves]
        matrix = np.array([[dice(regions == r, truth == c) for c in range(3)] for r in range(1, k + 1)])
        score = matched_dice(table, tree, cut_at(tree, k))
        assert score.matched_dice == pytest.approx(best_matching(matrix) / 3)
        assert score.matched_dice == pytest.approx(np.mean(list(score.per_class.values())))


def test_a_perfect_segmentation_scores_1_and_a_class_without_region_0(make_tree):
    tree = make_tree(0, 12)
    leaves = np.arange(1, 13, dtype=np.uint16).reshape(3, 2, 2)
    truth = lookup(tree, cut_at(tree, 4))[leaves] - 1
    table = contingency(leaves, truth, 12)
    assert matched_dice(table, tree, cut_at(tree, 4)).matched_dice == 1
    coarse = matched_dice(table, tree, cut_at(tree, 2)).per_class
    assert sorted(coarse) == [0, 1, 2, 3]
    assert sum(value == 0 for value in coarse.values()) == 2


def test_voxels_outside_all_leaves_are_misses(make_tree):
    tree = make_tree(0, 12)
    counts = np.zeros((13, 2), np.int64)
    part = tree.leaves_of(tree.smaller_children[tree.root])
    counts[1 + np.setdiff1d(np.arange(12), part), 0] = 10
    counts[1 + part, 1] = 10
    counts[0, 1] = 20 * len(part)
    score = matched_dice(Contingency(counts, np.array([0, 1])), tree, cut_at(tree, 2))
    assert score.per_class == {0: 1.0, 1: pytest.approx(2 * 10 / (10 + 30))}


@pytest.mark.parametrize("seed", range(5))
def test_the_best_node_is_the_best_of_all_nodes(make_tree, seed):
    rng = np.random.default_rng(seed)
    tree, table = make_tree(seed, 25), random_table(rng, 25)
    for labels in ([0], [1], [1, 4], [0, 1, 4]):
        columns = np.isin(table.classes, labels)
        total = table.counts[:, columns].sum()
        every = []
        for node in range(tree.root + 1):
            rows = table.counts[1 + tree.leaves_of(node)]
            every.append(2 * rows[:, columns].sum() / (rows.sum() + total))
        value, node = best_node_dice(table, tree, labels)
        assert value == pytest.approx(max(every))
        assert node == int(np.argmax(every))


@pytest.mark.parametrize("seed", range(8))
def test_the_best_union_of_leaves_is_the_best_of_all_subsets(seed):
    table = random_table(np.random.default_rng(seed), 9)
    for labels in ([1], [0, 4]):
        columns = np.isin(table.classes, labels)
        total = table.counts[:, columns].sum()
        subsets = [list(s) for n in range(1, 10) for s in combinations(range(1, 10), n)]
        best = max(2 * table.counts[s][:, columns].sum() / (table.counts[s].sum() + total) for s in subsets)
        assert leaf_union_dice(table, labels) == pytest.approx(best)


@pytest.mark.parametrize("seed", range(4))
def test_no_node_beats_the_best_union_of_leaves(make_tree, seed):
    tree, table = make_tree(seed, 60), random_table(np.random.default_rng(seed), 60)
    assert best_node_dice(table, tree, [1])[0] <= leaf_union_dice(table, [1])


def test_a_label_that_lies_outside_all_leaves_scores_0(make_tree):
    counts = np.zeros((13, 2), np.int64)
    counts[1:, 0], counts[0, 1] = 5, 9
    table = Contingency(counts, np.array([0, 1]))
    assert leaf_union_dice(table, [1]) == 0
    assert best_node_dice(table, make_tree(0, 12), [1])[0] == 0


def test_the_report_is_what_the_command_prints(make_tree):
    tree, table = make_tree(0, 20), random_table(np.random.default_rng(0), 20)
    report = score_report(table, {PARTS: tree}, [2, 4], {"both": [1, 4]})
    printed = json.loads(json.dumps(report.as_dict()))
    assert list(printed) == ["cuts", "groups"]
    assert list(printed["cuts"]) == ["parts"]
    assert list(printed["cuts"]["parts"]) == ["2", "4"]
    assert set(printed["cuts"]["parts"]["4"]) == {"matched_dice", "per_class"}
    assert list(printed["cuts"]["parts"]["4"]["per_class"]) == ["0", "1", "4"]
    assert list(printed["groups"]["both"]) == [
        "best_node_dice",
        "node",
        "tree",
        "best_by_tree",
        "leaf_union_dice",
        "clicks_to_85",
        "dice_after_clicks",
    ]
    assert list(printed["groups"]["both"]["dice_after_clicks"]) == ["1", "3", "5", "8"]
    assert printed["cuts"]["parts"]["4"]["matched_dice"] == matched_dice(table, tree, cut_at(tree, 4)).matched_dice


def test_a_group_is_found_in_any_tree_and_clicks_walk_all(make_tree):
    parts, kinds = make_tree(0, 20), make_tree(1, 20)
    inside = np.zeros(20, dtype=int)
    inside[kinds.leaves_of(kinds.n_leaves + 5)] = 1
    counts = np.stack([1 - inside, inside], axis=1) * 7
    table = Contingency(np.concatenate([[[0, 0]], counts]), np.array([0, 1]))
    trees = {PARTS: parts, KINDS: kinds}
    report = score_report(table, trees, [3], {"lumen": [1]})
    lumen, alone = report.groups["lumen"], score_report(table, {PARTS: parts}, [], {"lumen": [1]}).groups["lumen"]
    assert (lumen.best_node_dice, lumen.tree, lumen.node, lumen.clicks_to_85) == (1, KINDS, 25, 1)
    assert lumen.best_by_tree == {PARTS: alone.best_node_dice, KINDS: 1}
    assert alone.best_node_dice < 1
    assert lumen.dice_after_clicks[1] == 1 > alone.dice_after_clicks[1]
    assert report.cuts[KINDS][3] == matched_dice(table, kinds, cut_at(kinds, 3))


def test_a_group_of_unknown_labels_is_refused_with_those_there_are(make_tree):
    tree, table = make_tree(0, 20), random_table(np.random.default_rng(0), 20)
    with pytest.raises(SettingError, match=r"The group core names label 7, which the truth does not hold; .* 0, 1, 4"):
        score_report(table, {PARTS: tree}, [], {"core": [1, 7]})
    with pytest.raises(SettingError, match="The group core names no label"):
        score_report(table, {PARTS: tree}, [], {"core": []})


def test_a_cut_out_of_range_and_another_tree_are_refused(make_tree):
    table = random_table(np.random.default_rng(0), 20)
    with pytest.raises(SettingError, match="40 regions cannot be had; choose a number from 1 to 20"):
        score_report(table, {PARTS: make_tree(0, 20)}, [2, 40], {})
    with pytest.raises(ProjectError, match="has 20 leaves but the tree has 30"):
        score_report(table, {PARTS: make_tree(0, 30)}, [2], {})


def test_one_leaf_and_one_class_can_be_scored(make_tree):
    table = Contingency(np.array([[0], [8]]), np.array([0]))
    report = score_report(table, {PARTS: make_tree(0, 1)}, [1], {"all": [0]})
    assert report.cuts[PARTS][1].matched_dice == 1
    assert report.groups["all"].best_node_dice == report.groups["all"].leaf_union_dice == 1
