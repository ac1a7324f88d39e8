"""The agreement of what is shown with labels, against voxels."""

from itertools import permutations

import numpy as np
import pytest

from napari_hypseg.geometry.metric import EUCLIDEAN
from napari_hypseg.hierarchy.agglomeration.build import build_hierarchy
from napari_hypseg.hierarchy.class_limits import class_limit
from napari_hypseg.hierarchy.contingency import contingency
from napari_hypseg.hierarchy.cuts import Cut, cut_at, region_nodes
from napari_hypseg.hierarchy.scores import matched_dice
from napari_hypseg.structures.agreement import AgreementCounts, shown_overlap
from napari_hypseg.structures.annotation import Annotation
from napari_hypseg.structures.edits import PaintVoxels
from napari_hypseg.structures.painted_overlap import PaintedOverlap
from napari_hypseg.structures.structure_arrays import OwnerArray, StructureMask
from napari_hypseg.structures.voxel_runs import encode_runs, runs_of
from tests.structures.conftest import N_LEAVES, SHAPE, edit_at_random

LABELS = (0, 3, 7)


@pytest.fixture
def truth(leaves):
    """Labels that go with the leaves but for some noise."""
    rng = np.random.default_rng(8)
    noise = rng.integers(0, 3, SHAPE)
    return np.array(LABELS, dtype=np.int16)[np.where(rng.random(SHAPE) < 0.3, noise, leaves % 3)]


@pytest.fixture
def counts(leaves, truth, trees):
    return counted(contingency(leaves, truth, N_LEAVES), leaves, truth, trees)


def counted(table, leaves, truth, trees):
    limits = tuple(class_limit(table, trees, label) for label in table.classes.tolist())
    return AgreementCounts(table, limits, PaintedOverlap(leaves, truth, table.classes, 0))


def dice(first, second):
    return 2 * (first & second).sum() / max(first.sum() + second.sum(), 1)


def mask_of(one, tree, cut, leaves, annotation):
    """The voxels of what is shown, as exports have them."""
    owners = OwnerArray(leaves, annotation)
    if one.structure is None:
        nodes = region_nodes(tree, cut)
        assert nodes[one.region - 1] == one.node
        return (owners[:] == 0) & np.isin(leaves, tree.leaves_of(one.node) + 1)
    return StructureMask(owners, one.structure)[:] if one.whole else owners[:] == one.structure


@pytest.mark.parametrize("seed", range(6))
def test_after_any_edits_all_that_is_shown_shares_the_voxels_it_shares(history, tree, leaves, truth, counts, seed):
    edit_at_random(seed, 25, history, tree)
    annotation, cut = history.annotation, cut_at(tree, 9)
    painted = counts.painted.count(annotation.painting)
    shown, shared = shown_overlap(counts.table, tree, cut, annotation, painted)
    assert sum(one.structure is None for one in shown) == 9
    assert {one.structure for one in shown} == {None, *annotation.structures}
    for one, row in zip(shown, shared, strict=True):
        mask = mask_of(one, tree, cut, leaves, annotation)
        assert row.tolist() == [int((mask & (truth == label)).sum()) for label in LABELS]
    assert (shared >= 0).all()


def test_painting_is_counted_again_only_where_it_changed(history, make, leaves, truth, counts):
    structure = make("shell", [0])
    for start in (0, 900):
        voxels = encode_runs(runs_of(np.arange(start, start + 300)))
        history.do(PaintVoxels(structure=structure, specimen=0, shape=SHAPE, voxels=voxels))
        counts.painted.count(history.annotation.painting)
    known = dict(counts.painted._cubes)
    voxels = encode_runs(runs_of(np.arange(27000, 27010)))
    history.do(PaintVoxels(structure=structure, specimen=0, shape=SHAPE, voxels=voxels))
    again = counts.painted.count(history.annotation.painting)
    changed = [place for place, rows in counts.painted._cubes.items() if known.get(place) is not rows]
    assert 0 < len(changed) < len(counts.painted._cubes)
    assert again.counts.sum() == 610
    assert not PaintedOverlap(leaves, truth, counts.table.classes, 1).count(history.annotation.painting).counts.size


def test_each_class_is_matched_with_one_thing_so_that_their_dice_add_up_to_the_most(
    history, make, tree, leaves, truth, counts
):
    make("inner", [1, 4, 7], parent=make("outer", [1, 4, 7, 10, 13, 16]))
    annotation, cut = history.annotation, cut_at(tree, 3)
    painted = counts.painted.count(annotation.painting)
    shown, _ = shown_overlap(counts.table, tree, cut, annotation, painted)
    assert len(shown) == 3 + 3
    masks = [mask_of(one, tree, cut, leaves, annotation) for one in shown]
    table = np.array([[dice(mask, truth == label) for label in LABELS] for mask in masks])
    best = max(table[list(rows), range(3)].sum() for rows in permutations(range(len(shown)), 3))
    found = counts.agreement(tree, cut, annotation)
    assert found.matched_dice == pytest.approx(best / 3)
    assert [one.label for one in found.classes] == list(LABELS)
    assert [one.voxels for one in found.classes] == [int((truth == label).sum()) for label in LABELS]
    for one, label in zip(found.classes, LABELS, strict=True):
        assert one.dice == pytest.approx(dice(mask_of(one.matched, tree, cut, leaves, annotation), truth == label))


def test_without_structures_it_is_what_scoring_a_cut_gives(tree, counts):
    for k in (1, 2, 5, N_LEAVES):
        found = counts.agreement(tree, cut_at(tree, k), Annotation.empty(N_LEAVES))
        score = matched_dice(counts.table, tree, cut_at(tree, k))
        assert found.matched_dice == pytest.approx(score.matched_dice)
        assert {one.label: one.dice for one in found.classes} == pytest.approx(score.per_class)
    lone = counts.agreement(tree, Cut((tree.root,)), Annotation.empty(N_LEAVES))
    assert sum(one.matched is None for one in lone.classes) == 2


def test_limits_are_those_of_all_nodes_and_say_from_where_on_the_slider_shows_the_node(tree, leaves, truth, counts):
    nodes = [np.isin(leaves, tree.leaves_of(node) + 1) for node in range(tree.root + 1)]
    for limit, label in zip(counts.limits, LABELS, strict=True):
        reached = [dice(mask, truth == label) for mask in nodes]
        assert limit.node_dice == pytest.approx(max(reached))
        assert reached[limit.node] == pytest.approx(max(reached))
        assert limit.node in cut_at(tree, limit.n_regions).nodes
        assert limit.n_regions == 1 or limit.node not in cut_at(tree, limit.n_regions - 1).nodes
        union = np.isin(leaves, np.flatnonzero(limit.union) + 1)
        assert limit.union_dice == pytest.approx(dice(union, truth == label))
        assert limit.union_dice >= limit.node_dice
        assert limit.tree == "parts"


def test_voxels_that_nobody_has_labelled_can_be_left_out(history, make, tree, leaves, truth, trees):
    table = contingency(leaves, truth, N_LEAVES).without(0)
    masked = contingency(leaves, truth, N_LEAVES, mask=truth > 0)
    np.testing.assert_array_equal(table.counts, masked.counts)
    structure = make("shell", [0])
    voxels = encode_runs(runs_of(np.arange(20000, 20300)))
    history.do(PaintVoxels(structure=structure, specimen=0, shape=SHAPE, voxels=voxels))
    counts = counted(table, leaves, truth, trees)
    painted = counts.painted.count(history.annotation.painting)
    shown, shared = shown_overlap(table, tree, cut_at(tree, 4), history.annotation, painted)
    for one, row in zip(shown, shared, strict=True):
        mask = mask_of(one, tree, cut_at(tree, 4), leaves, history.annotation)
        assert row.tolist() == [int((mask & (truth == label)).sum()) for label in (3, 7)]


def test_the_best_node_may_be_in_any_tree(tree, leaves, truth):
    points = np.array([[leaf % 3 * 10 + leaf / 100] for leaf in range(1, N_LEAVES + 1)], dtype=np.float32)
    kinds = build_hierarchy(points, np.full(N_LEAVES, 10), EUCLIDEAN, "ward")
    table = contingency(leaves, truth, N_LEAVES)
    alone, both = class_limit(table, {"parts": tree}, 3), class_limit(table, {"parts": tree, "kinds": kinds}, 3)
    assert alone.tree == "parts"
    assert (both.tree, both.n_regions) == ("kinds", 3)
    assert both.node_dice > alone.node_dice
    assert class_limit(table, {"parts": tree, "kinds": tree}, 3).tree == "parts"
