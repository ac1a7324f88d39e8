"""Trees of made-up patients, from files to records."""

from functools import partial

import numpy as np
import pytest

from benchmarks.real.annotated_volumes import CASES
from benchmarks.real.measure import RealPlan, benchmark_real
from benchmarks.segmentation.run_spec import RunBudget
from benchmarks.segmentation.tree_makers import get_tree_maker, tree_makers, usual_tree_makers
from napari_hypseg.errors import SettingError
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
