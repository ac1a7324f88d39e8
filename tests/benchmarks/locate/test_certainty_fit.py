from dataclasses import astuple

import numpy as np
import pytest

from benchmarks.ct_phantom.tube import draw_tube_shape, tube_phantom
from benchmarks.locate import certainty_fit
from benchmarks.locate.box_scores import box_iou
from benchmarks.locate.certainty_fit import LARGE, OTHERS, SMALL, fit_weights, other_outline
from benchmarks.locate.phantoms import FIRST_SEED as FIRST_PHANTOM
from benchmarks.locate.tube_scenes import FIRST_SEED
from napari_hypseg.methods.localizers.certainty import QualityFeatures

COUNT = len(astuple(QualityFeatures(*[0.0] * 5)))


def drawn(count=60):
    draw = np.random.default_rng(0)
    return [QualityFeatures(*draw.uniform(0, 1, COUNT)) for _ in range(count)]


def said(features, bias, weights):
    return 1 / (1 + np.exp(-bias - np.array([astuple(one) for one in features]) @ np.array(weights)))


def test_the_signs_that_tell_the_iou_get_the_weights():
    features = drawn()
    truth = said(features, -2.0, (2, 0, 3, 0, 0))
    bias, weights = fit_weights(features, truth)
    assert bias < 0
    assert min(weights[0], weights[2]) > 1 > max(np.delete(weights, [0, 2]))
    np.testing.assert_allclose(said(features, bias, weights), truth, atol=0.1)


def test_no_sign_speaks_against_a_box():
    features = drawn()
    _, weights = fit_weights(features, [1 - 0.5 * one.size for one in features])
    assert min(weights) >= 0
    assert weights[4] == pytest.approx(0, abs=1e-6)


def test_nothing_that_is_scored_is_fitted_on():
    assert max(*SMALL, *LARGE, *OTHERS) < min(FIRST_SEED, 40_000)
    assert max(OTHERS) < FIRST_PHANTOM


def test_what_is_outlined_in_stead_of_a_specimen_is_not_the_specimen(monkeypatch):
    def learn(copy, seeds):
        yield None
        return (seeds == certainty_fit.SAMPLE).astype(np.float32)

    monkeypatch.setattr(certainty_fit, "LEARN", learn)
    made = tube_phantom(draw_tube_shape(3, (64, 72)), 3)
    found = other_outline(made)
    assert found is None or box_iou(found.box, made.box) < 0.1
