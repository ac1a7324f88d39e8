import numpy as np
import pytest
import torch
from scipy import ndimage

from napari_hypseg.nn.gaussian import gaussian_smooth, gradients


def noise(*shape):
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def smoothed(data, sigma):
    return gaussian_smooth(torch.from_numpy(data), sigma).numpy()


@pytest.mark.parametrize("sigma", [0.7, 1.0, 2.0, 3.0])
@pytest.mark.parametrize("shape", [(14, 17, 20), (1, 20, 20), (2, 1, 30), (1, 1, 1)])
def test_a_narrow_gaussian_is_that_of_scipy(sigma, shape):
    data = noise(2, *shape)
    expected = [ndimage.gaussian_filter(channel, sigma, mode="nearest", truncate=3) for channel in data]
    np.testing.assert_allclose(smoothed(data, sigma), expected, atol=1e-5)


@pytest.mark.parametrize("sigma", [4.0, 6.0, 12.0])
@pytest.mark.parametrize("shape", [(40, 40, 40), (40, 41, 38)])
def test_a_wide_gaussian_is_nearly_that_of_scipy(sigma, shape):
    data = np.zeros((1, *shape), np.float32)
    data[0, 10:25, 12:30, 8:20] = 1
    expected = ndimage.gaussian_filter(data[0], sigma, mode="nearest")
    made = smoothed(data, sigma)[0]
    assert np.corrcoef(made.ravel(), expected.ravel())[0, 1] > 0.98
    assert np.abs(made - expected).max() < 0.2 * np.ptp(expected)
    assert made.sum() == pytest.approx(expected.sum(), rel=0.1)


@pytest.mark.parametrize("sigma", [0.7, 3.0, 12.0])
@pytest.mark.parametrize("shape", [(9, 9, 9), (33, 8, 16), (70, 3, 2), (1, 1, 1)])
def test_what_is_the_same_everywhere_stays_so(sigma, shape):
    np.testing.assert_allclose(smoothed(np.full((1, *shape), 3, np.float32), sigma), 3, rtol=1e-5)


def test_slopes_are_those_of_numpy():
    data = noise(2, 5, 6, 7)
    found = gradients(torch.from_numpy(data))
    assert list(found) == [0, 1, 2]
    for axis, part in found.items():
        np.testing.assert_allclose(part.numpy(), np.gradient(data, axis=axis + 1), atol=1e-6)


@pytest.mark.parametrize(
    ("shape", "axes"), [((1, 20, 20), [1, 2]), ((2, 1, 1), [0]), ((1, 4, 1), [1]), ((1, 1, 1), [])]
)
def test_an_axis_of_one_cell_has_no_slope(shape, axes):
    found = gradients(torch.from_numpy(noise(1, *shape)))
    assert list(found) == axes
    assert all(part.shape == (1, *shape) for part in found.values())


def test_every_axis_may_have_a_width_of_its_own():
    data = noise(1, 12, 14, 16)
    expected = ndimage.gaussian_filter(data[0], (0, 1.0, 2.0), mode="nearest", truncate=3)
    np.testing.assert_allclose(gaussian_smooth(torch.from_numpy(data), (0.1, 1.0, 2.0)).numpy()[0], expected, atol=1e-5)
