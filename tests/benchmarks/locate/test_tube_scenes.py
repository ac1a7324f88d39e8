import pytest

from benchmarks.ct_phantom.tube import choices_of
from benchmarks.locate.box_scores import BoxScore
from benchmarks.locate.tube_scenes import FIRST_SEED, TubeRow, calibration, calibration_error
from benchmarks.locate.tube_table import tube_section


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
    assert "Expected calibration error: 0.000." in text
    assert text.count(f"| {FIRST_SEED}") + text.count(f"| {FIRST_SEED + 1}") >= 2
