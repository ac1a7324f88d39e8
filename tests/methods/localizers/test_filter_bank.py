import numpy as np
import pytest
import torch
from scipy import ndimage

from napari_hypseg.methods.localizers.filter_bank import SCALES, filter_bank

SHAPE = (20, 22, 24)


def noise(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def features(data):
    return filter_bank(torch.from_numpy(np.ascontiguousarray(data))).numpy()


def test_the_grey_value_at_every_scale_comes_first():
    data = noise(1, *SHAPE)
    found = features(data)
    assert found.shape[1:] == SHAPE
    for feature, scale in zip(found, SCALES[:3], strict=False):
        expected = ndimage.gaussian_filter(data[0], scale, mode="nearest", truncate=3)
        np.testing.assert_allclose(feature, expected, atol=0.01)


def test_every_channel_is_described():
    one, two = features(noise(1, *SHAPE)), features(noise(2, *SHAPE))
    assert len(two) > len(one)
    assert np.isfinite(two).all()


@pytest.mark.parametrize("axes", [(1, 2), (1, 3), (2, 3)])
def test_a_turned_volume_has_turned_features(axes):
    data = noise(1, 16, 16, 16)
    expected = np.rot90(features(data), axes=axes)
    np.testing.assert_allclose(features(np.rot90(data, axes=axes)), expected, atol=2e-3)


def test_texture_of_the_same_mean_is_told_from_what_is_smooth():
    """No scale of the grey value tells them apart, but a feature that is not the grey value does."""
    data = 0.05 * noise(1, *SHAPE)
    data[..., 12:] += noise(1, *SHAPE, seed=1)[..., 12:]
    found = features(data)
    smooth, textured = found[:, 4:-4, 4:-4, 3:8], found[:, 4:-4, 4:-4, 16:21]
    apart = np.abs(smooth.mean((1, 2, 3)) - textured.mean((1, 2, 3))) / (
        smooth.std((1, 2, 3)) + textured.std((1, 2, 3))
    )
    assert apart[: len(SCALES)].max() < 2
    assert apart.max() > 4


@pytest.mark.parametrize("shape", [(1, 9, 9), (2, 2, 2), (70, 3, 2), (1, 1, 40), (1, 1, 1)])
@pytest.mark.parametrize("scale", [0, 1])
def test_any_grid(shape, scale):
    found = features(scale * noise(2, *shape))
    assert found.shape[1:] == shape
    assert np.isfinite(found).all()
