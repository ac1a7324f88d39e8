"""A careful person with a pixel classifier: dabs are of one class, and the Dice is that of all voxels."""

import numpy as np
import pytest

from benchmarks.clicks.pixel_classifier import Sample, _dab, dice_of_dabs
from napari_hypseg.jobs import quietly

SHAPE = (14, 15, 16)


@pytest.fixture
def truth():
    inside = np.zeros(SHAPE, bool)
    inside[3:8, 4:10, 2:9] = True
    return inside


@pytest.fixture
def counted():
    counted = np.ones(SHAPE, bool)
    counted[:, :, -2:] = False
    return counted


def test_a_structure_that_a_feature_shows_is_found_with_few_dabs(truth, counted):
    noise = np.random.default_rng(0).normal(size=(*SHAPE, 2))
    features = np.stack([truth + 0.05 * noise[..., 0], noise[..., 1]], axis=-1)
    reached = quietly(dice_of_dabs(features, truth, counted, (1, 2, 4), trials=2))
    everything = 2 * (truth & counted).sum() / (counted.sum() + (truth & counted).sum())
    assert reached[1] == pytest.approx(everything), "of one class nothing can be learned"
    assert reached[4] > 0.95
    nothing = quietly(dice_of_dabs(noise, truth, counted, (4,), trials=2))
    assert nothing[4] < 0.6


def test_a_dab_is_of_one_class_and_of_voxels_that_count(truth, counted):
    places = _dab(np.array([3, 4, 13]), truth, counted)
    assert not truth[tuple(places.T)].any()
    assert counted[tuple(places.T)].all()
    assert len(places) == 3 * 3 * 2
    assert len(_dab(np.array([5, 6, 5]), truth, counted)) == 27
    assert len(_dab(np.array([3, 4, 2]), truth, counted)) == 8
    assert len(_dab(np.array([0, 0, 0]), truth, counted)) == 8


def test_a_sample_stands_for_all_voxels(truth, counted, monkeypatch):
    monkeypatch.setattr("benchmarks.clicks.pixel_classifier.SAMPLE", 100)
    sample = Sample.draw(truth, counted, np.random.default_rng(0))
    assert len(sample.truth) == 200
    assert sample.weights.sum() == pytest.approx(counted.sum())
    assert sample.weights[sample.truth].sum() == pytest.approx((truth & counted).sum())
    assert sample.dice(sample.truth) == 1
    assert sample.dice(np.zeros(200, bool)) == 0
