import pytest

from benchmarks.ct_phantom.tube import choices_of
from benchmarks.locate.box_scores import BoxScore
from benchmarks.locate.tube_scenes import FIRST_SEED, TubePlan, TubeRow, calibration, calibration_error, tube_rows
from benchmarks.locate.tube_table import tube_section
from napari_hypseg.jobs import quietly
from napari_hypseg.pipeline.locate_settings import LocateSettings


def row(seed, iou, certainty):
    return TubeRow("vote", seed, (64, 64, 64), choices_of(seed), BoxScore(0.01, iou, 0.0), certainty, 1.0)


def test_calibration_compares_certainty_with_iou_in_bins():
    low, high = calibration([0.2, 0.4, 0.95], [0.1, 0.3, 0.9])
    assert (low.count, low.certainty, low.iou, low.worst_iou) == (2, pytest.approx(0.3), pytest.approx(0.2), 0.1)
    assert (high.low, high.high, high.count) == (0.9, 1.0, 1)
    assert calibration_error([low, high]) == pytest.approx((2 * 0.1 + 0.05) / 3)


def test_certainties_at_the_limits_have_a_bin():
    assert [one.count for one in calibration([0.0, 1.0], [0.0, 1.0])] == [1, 1]


def test_the_section_shows_scores_calibration_and_every_scan():
    text = tube_section([row(FIRST_SEED + n, iou, iou) for n, iou in enumerate((0.4, 0.9, 0.8))])
    assert "| vote | all | 3 | 0.700 | 0.400 | 1 |" in text
    assert "Expected calibration error: 0.000. Mean difference in a scan: 0.000." in text
    assert text.count(f"| {FIRST_SEED}") + text.count(f"| {FIRST_SEED + 1}") >= 2


def test_a_stopped_measurement_goes_on_where_it_was(tmp_path, locating):
    plan, settings, kept = TubePlan(2, (48, 52)), [LocateSettings(method="sorting")], tmp_path / "rows.jsonl"
    job = tube_rows(plan, settings, kept)
    while not kept.exists():
        next(job)
    job.close()
    assert len(locating.calls) == 1
    rows = quietly(tube_rows(plan, settings, kept))
    assert [row.seed for row in rows] == [FIRST_SEED, FIRST_SEED + 1]
    assert len(locating.calls) == 2
    assert quietly(tube_rows(plan, settings, kept)) == rows
    assert len(locating.calls) == 2
    quietly(tube_rows(plan, [LocateSettings(method="vote")], kept))
    assert len(locating.calls) == 4
