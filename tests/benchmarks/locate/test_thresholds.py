"""The baselines do well where thresholds can, and the one that sees the truth is helped wherever there is a choice."""

import numpy as np
import pytest

from benchmarks.locate import thresholds
from benchmarks.locate.box_scores import box_iou, face_error
from benchmarks.locate.thresholds import Choice, best_threshold, exactness, largest_box, otsu_box
from napari_hypseg.jobs import quietly
from napari_hypseg.volumes import Box

SHAPE = (32, 36, 40)
BOXES = (Box((6, 8, 10), (24, 28, 30)), Box((4, 6, 12), (20, 26, 36)))


def scan(box, inside=1.0, outside=0.0, noise=0.2, seed=0):
    grey = np.random.default_rng(seed).normal(outside, noise, SHAPE).astype(np.float32)
    grey[box.slices] += inside - outside
    return grey


@pytest.fixture(autouse=True)
def few_tries(monkeypatch):
    monkeypatch.setattr(thresholds, "CANDIDATES", 16)
    monkeypatch.setattr(thresholds, "SMOOTHINGS", (1.0,))


def test_largest_piece_wins_over_a_brighter_one():
    mask = np.zeros((10, 10, 10), bool)
    mask[1:5, 1:5, 1:5] = mask[7:9, 7:9, 7:9] = True
    assert largest_box(mask) == Box((1, 1, 1), (5, 5, 5))
    assert largest_box(np.zeros((3, 4, 5), bool)) == Box((0, 0, 0), (3, 4, 5))


def test_otsu_finds_a_bright_block():
    assert box_iou(otsu_box(scan(BOXES[0])), BOXES[0]) > 0.9


@pytest.mark.parametrize(("inside", "above"), [(1.0, True), (-1.0, False)])
def test_the_best_threshold_finds_either_side(inside, above):
    greys = [scan(box, inside, seed=seed) for seed, box in enumerate(BOXES)]
    choice = quietly(best_threshold(greys, BOXES))
    assert choice.above is above
    for grey, box in zip(greys, BOXES, strict=True):
        assert box_iou(choice.box(grey), box) > 0.9


def test_it_can_be_chosen_by_error_instead():
    greys = [scan(box, seed=seed) for seed, box in enumerate(BOXES)]
    choice = quietly(best_threshold(greys, BOXES, exactness))
    assert max(face_error(choice.box(g), box, SHAPE) for g, box in zip(greys, BOXES, strict=True)) < 0.02


def test_it_may_put_volumes_on_one_scale_first():
    greys = [scan(BOXES[0]), 100 + 50 * scan(BOXES[1], seed=1)]
    choice = quietly(best_threshold(greys, BOXES))
    assert choice.scaled
    assert min(box_iou(choice.box(g), box) for g, box in zip(greys, BOXES, strict=True)) > 0.9


def test_no_threshold_finds_what_differs_in_texture_alone():
    fine = np.random.default_rng(0).normal(size=SHAPE).astype(np.float32)
    choice = quietly(best_threshold([fine], BOXES[:1]))
    assert isinstance(choice, Choice)
    assert box_iou(choice.box(fine), BOXES[0]) < 0.6
