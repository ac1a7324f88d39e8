"""What latent points and leaves say of the batch is counted as described."""

import numpy as np
import pytest

from benchmarks.apply.batch_effects import common_leaf_dice, told_classes, told_conditions
from benchmarks.apply.batch_records import BATCH_STORE, BatchRecord, batch_table
from benchmarks.apply.imaging_conditions import CONDITIONS, EDGE, imaged
from napari_hypseg.hierarchy.contingency import Contingency

RNG = np.random.default_rng(0)
CLASSES = np.arange(200) % 2
SLABS = np.arange(200) // 50


def points(*offsets):
    """Of three volumes: classes lie apart along one axis, volumes along the other."""
    plain = RNG.normal(size=(3, 200, 2)) * 0.1 + np.stack([CLASSES, 0 * CLASSES], axis=1)
    return [(one + np.array([0, offset])).astype(np.float32) for one, offset in zip(plain, offsets, strict=True)]


def test_conditions_are_told_where_volumes_lie_apart_and_by_chance_where_they_do_not():
    assert told_conditions(points(0, 2, 4), SLABS) == 1
    assert told_conditions(points(0, 0, 0), SLABS) == pytest.approx(1 / 3, abs=0.08)


def test_classes_are_told_where_they_lie_alike_in_all_volumes():
    assert told_classes(points(0, 0, 0), CLASSES) == 1
    swapped = [one if number else one * [-1, 1] + [1, 0] for number, one in enumerate(points(0, 0, 0))]
    assert told_classes(swapped, CLASSES) < 0.8


def test_leaves_that_fit_a_class_in_the_others_are_read_in_each_volume():
    classes = np.array([0, 1])
    one, other = (Contingency(np.array([[0, 0], [8, 0], [0, wrong], [0, 4 - wrong]]), classes) for wrong in (4, 0))
    assert common_leaf_dice([one, one]) == 1
    assert common_leaf_dice([one, other]) == pytest.approx((1 + 0 + 1 + 0) / 4)


def test_every_condition_shows_the_same_phantom_differently():
    clean, volumes = imaged(3)
    assert volumes.keys() == CONDITIONS.keys()
    greys = {name: np.asarray(volume.channels[0]) for name, volume in volumes.items()}
    assert {grey.shape for grey in greys.values()} == {clean.labels.shape} == {(EDGE,) * 3}
    np.testing.assert_array_equal(greys["blurred"], imaged(3)[1]["blurred"].channels[0])
    assert greys["less contrast"].mean() == pytest.approx(0.4 * greys["as it is"].mean() + 3, abs=0.05)
    between = [np.corrcoef(greys["as it is"].ravel(), grey.ravel())[0, 1] for grey in greys.values()]
    assert between[0] == pytest.approx(1)
    assert all(0.05 < one < 0.95 for one in between[1:])


def test_records_are_kept_and_told_with_their_spread(tmp_path):
    records = [BatchRecord("neither", "60 steps", 64, seed, 0.5 + seed / 10, 0.4, 0.7, 0.3) for seed in (0, 1)]
    BATCH_STORE.add(tmp_path / "b.json", records)
    assert BATCH_STORE.load(tmp_path / "b.json") == records
    assert "| neither | 55 ± 7 % | 40 ± 0 % | 0.70 ± 0.00 | 30 ± 0 % |" in batch_table(records)
    assert batch_table([]) is None
