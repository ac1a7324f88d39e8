import pytest

from napari_hypseg.jobs import quietly
from napari_hypseg.pipeline import speed
from napari_hypseg.pipeline.speed import Speed, measure_speed, speed_from, speed_of_run
from napari_hypseg.project.run_settings import RunSettings


def test_a_line_through_two_times():
    made = speed_from([(1000, 3.0), (3000, 5.0)])
    assert made == Speed(2.0, 0.001)
    assert made.seconds(10_000) == pytest.approx(12.0)


def test_a_larger_volume_that_was_faster_gives_no_negative_time():
    made = speed_from([(1000, 5.0), (3000, 4.5)])
    assert made.per_voxel > 0
    assert made.fixed >= 0
    assert made.seconds(3000) == pytest.approx(4.5)


def test_every_stage_is_timed(monkeypatch):
    monkeypatch.setattr(speed, "EDGES", (16, 20, 24))
    settings = RunSettings.check({"model": {"width": 4, "latent_dim": 3}, "leaves": {"leaves": 8}})
    made = quietly(measure_speed(settings))
    assert made.per_voxel > 0
    assert made.fixed >= 0


def test_a_real_run_says_what_a_voxel_costs_unless_it_is_too_small_to_tell():
    before = Speed(2.0, 1e-5)
    assert speed_of_run(before, 1000, 2.5) is before
    assert speed_of_run(None, 1000, 2.5) is None
    assert speed_of_run(before, 1_000_000, 22.0) == Speed(2.0, 2e-5)
    assert speed_of_run(None, 1_000_000, 20.0) == Speed(0.0, 2e-5)
