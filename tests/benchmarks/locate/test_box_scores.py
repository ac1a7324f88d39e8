"""Scores of boxes, computed by hand."""

import numpy as np
import pytest

from benchmarks.locate.box_scores import (
    BoxScore,
    bounding_box,
    box_iou,
    face_error,
    lost_share,
    score_box,
    summarise,
)
from napari_hypseg.volumes import Box

TRUTH = Box((2, 2, 2), (6, 6, 6))


def test_the_true_box_has_no_error():
    specimen = np.zeros((10, 20, 40), bool)
    specimen[TRUTH.slices] = True
    assert score_box(TRUTH, TRUTH, (10, 20, 40), specimen) == BoxScore(0.0, 1.0, 0.0)


def test_a_face_counts_by_the_side_of_its_own_axis():
    # z: 1 of 10 at the start; y: 2 of 20 at the stop; x: 4 of 40 at both faces. 4 faces are off by 10 % each.
    assert face_error(Box((1, 2, 6), (6, 8, 10)), TRUTH, (10, 20, 40)) == pytest.approx(4 * 0.1 / 6)


def test_iou_of_half_a_box_and_of_nothing_in_common():
    assert box_iou(Box((2, 2, 2), (4, 6, 6)), TRUTH) == 0.5
    assert box_iou(Box((4, 2, 2), (8, 6, 6)), TRUTH) == pytest.approx(32 / 96)
    assert box_iou(Box((7, 7, 7), (9, 9, 9)), TRUTH) == 0.0
    assert box_iou(Box((7, 7, 7), (5, 5, 5)), Box((1, 1, 1), (1, 1, 1))) == 0.0


def test_lost_voxels_are_those_outside():
    specimen = np.zeros((8, 8, 8), bool)
    specimen[1, 1, 1:5] = True
    assert lost_share(Box((0, 0, 0), (8, 8, 4)), specimen) == 0.25
    assert lost_share(Box((2, 0, 0), (8, 8, 8)), specimen) == 1.0
    assert lost_share(Box((-3, -3, -3), (90, 90, 90)), specimen) == 0.0
    assert lost_share(Box((0, 0, 0), (1, 1, 1)), np.zeros((3, 3, 3), bool)) == 0.0


def test_a_set_is_told_by_mean_and_worst():
    told = summarise([BoxScore(0.01, 0.9, 0.0), BoxScore(0.03, 0.5, 0.2)])
    assert (told.count, told.error, told.worst_error) == (2, pytest.approx(0.02), 0.03)
    assert (told.iou, told.worst_iou) == (pytest.approx(0.7), 0.5)
    assert (told.lost, told.worst_lost) == (pytest.approx(0.1), 0.2)
    assert summarise([BoxScore(0.0, 1.0)]).lost is None


def test_bounding_box_is_tight():
    mask = np.zeros((5, 6, 7), bool)
    mask[1, 2, 3] = mask[3, 4, 3] = True
    assert bounding_box(mask) == Box((1, 2, 3), (4, 5, 4))
    assert bounding_box(np.zeros((2, 3, 4), bool)) == Box((0, 0, 0), (2, 3, 4))
