"""The benchmark of speed: what it counts, and when it fails."""

import numpy as np
import pytest

from benchmarks.speed import quick
from benchmarks.speed.alternatives import curved_kmeans, scikit_learn_kmeans
from benchmarks.speed.floors import FLOORS, floor_of, named_floor
from benchmarks.speed.machine_rates import MachineRates
from benchmarks.speed.mirrored_phantom import CELL, write_mirrored_phantom
from benchmarks.speed.page import quick_section, ratio_section, stage_section
from benchmarks.speed.records import SPEED_STORE, SpeedRecord, fallen
from benchmarks.speed.stage_times import StageTimes
from napari_hypseg.jobs import Progress, quietly

RATES = MachineRates(bytes=1e10, flops=1e11)


@pytest.fixture
def record():
    seconds = {"prepare": 1.0, "regions": 2.0, "encode": 1.0, "export": 9.0, "cut": 1e-4}
    return SpeedRecord(100, seconds, {"regions": 0.5}, {"a / b": 2.0, "c / d": 0.5}, 2e5)


def test_segmenting_is_everything_but_what_comes_after(record, tmp_path):
    assert record.segmenting == pytest.approx(100**3 / 4)
    SPEED_STORE.add(tmp_path / "speed.json", [record])
    assert SPEED_STORE.load(tmp_path / "speed.json") == [record]


def test_ratios_that_fall_are_named(record):
    lower = SpeedRecord(100, record.seconds, {}, {"a / b": 1.3, "c / d": 0.4, "new": 1.0}, 2e5)
    assert fallen([lower], record, 0.3) == ["a / b: 1.30, was 2.00"]
    assert not fallen([record], lower, 0.3)


def test_a_ratio_that_is_lower_once_has_not_fallen(record):
    low, lower = (SpeedRecord(100, {}, {}, {"a / b": ratio, "c / d": 0.1}, 0) for ratio in (1.0, 1.2))
    high = SpeedRecord(100, {}, {}, {"a / b": 1.9, "c / d": 0.2}, 0)
    assert fallen([low, high], record, 0.3) == ["c / d: 0.20, was 0.50"]
    assert fallen([low, lower], record, 0.3) == ["a / b: 1.20, was 2.00", "c / d: 0.10, was 0.50"]


def test_the_quick_form_measures_all_that_it_compares(monkeypatch):
    monkeypatch.setattr(quick, "LEAVES", 10)
    monkeypatch.setattr(quick, "POINTS", 1000)
    monkeypatch.setattr(quick, "CROP", 16)
    found = quietly(quick.quick_job("", "", rounds=1, edge=24))
    assert len(found.ratios) == len(quick.PARTS) + 3
    assert all(ratio > 0 for ratio in found.ratios.values())
    assert set().union(*quick.PARTS.values()) | {"prepare"} == set(found.seconds)
    assert "| encode | " in quick_section(found).replace("reference / ", "")


def test_seconds_go_to_the_stage_that_is_said():
    def job():
        yield Progress("regions", 0)
        yield "something else"
        yield Progress("encode", 0)
        return 7

    times = StageTimes()
    assert times.drive(job(), "prepare") == 7
    assert list(times.seconds) == ["prepare", "regions", "encode"]
    assert all(seconds >= 0 for seconds in times.seconds.values())


def test_floors_grow_with_the_volume():
    for stage in FLOORS:
        small, large = (floor_of(stage, voxels, 512, RATES).seconds for voxels in (10**4, 10**5))
        assert large == pytest.approx(10 * small)
        assert named_floor(stage)
    assert floor_of("tree", 10**6, 512, RATES) is None


def test_a_mirrored_phantom_has_no_seams(tmp_path):
    grey = write_mirrored_phantom(tmp_path / "volume.npy", CELL + 20)
    assert grey.shape == (CELL + 20,) * 3
    np.testing.assert_array_equal(np.load(tmp_path / "volume.npy"), grey)
    steps = np.abs(np.diff(grey, axis=0)).mean(axis=(1, 2))
    assert steps[CELL - 1] < 1.5 * np.median(steps)


def test_kmeans_are_compared_at_equal_inertia():
    _, inertia = scikit_learn_kmeans(2000)
    assert inertia == pytest.approx(1, abs=0.02)
    assert curved_kmeans(2000) > 0


def test_the_page_has_a_row_for_each_stage_and_ratio(record):
    assert "| a / b | 2.00 |" in ratio_section([record])
    assert "| segmenting, million voxels a second | 0.25 |" in ratio_section([record])
    text = stage_section(record)
    assert "| regions (Looking for edges) | 2.000 | 0.5 | 50 % | 0.500 | 4.0 |" in text
    assert "cut (A step of the slider)" in text
