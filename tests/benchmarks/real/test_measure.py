"""Trees of made-up patients, from files to records."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from benchmarks.real.annotated_volumes import CASES, FLAIR
from benchmarks.real.measure import RealPlan, benchmark_real, best_region_dice
from benchmarks.segmentation.run_spec import RunBudget
from benchmarks.segmentation.tree_makers import get_tree_maker, tree_makers, usual_tree_makers
from napari_hypseg.errors import SettingError
from napari_hypseg.geometry.curvature_metric import curvature_metric
from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.hierarchy.agglomeration.build import build_hierarchy
from napari_hypseg.hierarchy.contingency import Contingency
from napari_hypseg.jobs import quietly
from napari_hypseg.volumes.phantom import phantom
from napari_hypseg.volumes.specimen import Specimen

LITTLE = RunBudget(steps=1, leaves=8, device="cpu")


@pytest.fixture
def plan(tmp_path, patients):
    cases = [case for case in CASES if case.name in ("brats2013_open", "ct_carp")]
    return RealPlan(patients(2), [get_tree_maker("gaussian")], LITTLE, 0, tmp_path / "images", cases)


def test_every_patient_is_segmented_inside_the_brain_and_kept_at_once(plan):
    kept = []
    records = quietly(benchmark_real(plan, kept.append))
    assert kept == records
    assert [one.specimen for one in records] == ["pat0000", "pat0001"]
    for one in records:
        assert (one.voxels, one.leaves, one.budget, one.device) == (16 * 16 * 13, 8, "", "")
        assert {name: group.labels for name, group in one.groups.items()} == {
            "healthy tissue": (0,),
            "whole tumour": (2, 4),
            "oedema": (2,),
            "tumour core": (4,),
        }
        for group in one.groups.values():
            assert 0 < group.best_node_dice <= group.leaf_union_dice <= 1
            assert (group.clicks_to_85 == 1) == (group.best_node_dice >= 0.85)
        assert one.groups["healthy tissue"].best_node_dice > 0.85
    assert plan.absent == ("ct_carp",)
    assert not plan.images.exists()


def test_flair_alone_is_one_channel_without_a_picture_and_two_clusters_are_two_leaves(plan):
    plan = replace(plan, cases=[FLAIR], makers=[get_tree_maker("intensity-kmeans"), get_tree_maker("hyperbolic")])
    for one in quietly(benchmark_real(plan, lambda _: None)):
        assert (one.volume, one.leaves) == ("brats2013_flair", 8 if one.learns else 2)
        assert one.picture is None
        for group in one.groups.values():
            assert set(group.best_of_three) == ({"parts", "kinds"} if one.learns else {"parts"})
            assert all(0 < dice <= group.best_node_dice for dice in group.best_of_three.values())


def test_the_best_of_three_regions_is_that_of_the_cut():
    points = np.array([[0.0], [0.1], [5.0], [9.0]], np.float32)
    tree = build_hierarchy(points, np.full(4, 10), curvature_metric(Euclidean().curvature))
    table = Contingency(np.array([[0, 0], [0, 10], [5, 5], [10, 0], [10, 0]]), np.array([0, 1]))
    assert best_region_dice(table, tree, 3, [1]) == pytest.approx(2 * 15 / (20 + 15))
    assert best_region_dice(table, tree, 9, [1]) == pytest.approx(2 * 10 / (10 + 15))


def test_there_is_a_maker_for_every_feature_and_every_method():
    assert list(tree_makers())[:5] == ["raw", "gaussian", "tv", "filter-bank", "hyperbolic"]
    assert usual_tree_makers() == ("raw", "gaussian", "tv", "filter-bank", "hyperbolic")
    assert not get_tree_maker("tv").learns
    with pytest.raises(SettingError, match="hsu2021"):
        get_tree_maker("magic")


def test_a_method_segments_as_people_run_it_and_the_seed_decides():
    specimen = Specimen(phantom((16, 18, 20), 0).volume)
    make = partial(get_tree_maker("hyperbolic").make, specimen, LITTLE)
    (first, trees), (again, _), (other, _) = (quietly(make(seed)) for seed in (1, 1, 2))
    assert first.shape == (16, 18, 20)
    assert np.array_equal(np.bincount(first.ravel(), minlength=9)[1:], trees["parts"].sizes[:8])
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
