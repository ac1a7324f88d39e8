from dataclasses import replace

import numpy as np
from scipy import ndimage

from napari_hypseg.methods.localizers.certainty import QualityFeatures, expected_iou, quality_features
from napari_hypseg.volumes.coarse import CoarseVolume

SHAPE = (40, 40, 40)
BLOCK = (slice(10, 30),) * 3
WELL = QualityFeatures(0.8, 0.7, 1.0, 0.8, 0.9)


def block():
    mask = np.zeros(SHAPE, bool)
    mask[BLOCK] = True
    return mask


def volume():
    draw = np.random.default_rng(0)
    texture = ndimage.gaussian_filter(draw.normal(size=SHAPE), 1.5)
    data = 0.2 * draw.normal(size=SHAPE) + block() * texture / texture.std()
    return CoarseVolume(data.astype(np.float32)[None], np.ones(SHAPE, bool), (1, 1, 1), SHAPE)


def test_every_sign_speaks_for_the_box():
    best = expected_iou(WELL)
    for name in ("agreement", "stability", "structure", "alone", "size"):
        assert expected_iou(replace(WELL, **{name: 0.0})) < best
    assert 0 < expected_iou(QualityFeatures(0, 0, 0, 0, 0)) < 0.5 < best < 1


def test_a_right_outline_has_better_signs_than_one_of_noise():
    mask = block()
    right = quality_features(volume(), mask, mask.astype(np.float32), mask)
    assert all(0 <= sign <= 1 for sign in vars(right).values())
    beside = np.roll(mask, 20, axis=0)
    wrong = quality_features(volume(), mask, np.full(SHAPE, 0.6, np.float32), beside)
    assert right.structure > wrong.structure
    assert expected_iou(right) > 0.7
    assert expected_iou(wrong) < 0.5


def test_an_outline_of_nothing_or_everything_has_no_signs():
    nothing = np.zeros(SHAPE, bool)
    for mask in (nothing, ~nothing):
        assert quality_features(volume(), mask, mask.astype(np.float32), mask) == QualityFeatures(0, 0, 0, 0, 0)
