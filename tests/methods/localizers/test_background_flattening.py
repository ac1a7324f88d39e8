import numpy as np
import pytest

from napari_hypseg.methods.localizers.background_flattening import LIMIT, flatten, halve, without_constant
from napari_hypseg.volumes.coarse import CoarseVolume


def coarse(data, valid=None, factors=(1, 1, 1)):
    """A coarse volume of one channel, or of the channels given."""
    data = np.asarray(data, dtype=np.float32)
    data = data[None] if data.ndim == 3 else data
    valid = np.ones(data.shape[1:], bool) if valid is None else valid
    shape = tuple(n * f for n, f in zip(data.shape[1:], factors, strict=True))
    return CoarseVolume(data, valid, factors, shape, "scan")


def texture(shape=(24, 26, 28), seed=0):
    return np.random.default_rng(seed).normal(0, 1, shape)


def slope(shape):
    return sum(np.ix_(*(np.linspace(-3, 3, n) for n in shape)))


def test_a_gradient_is_taken_away_and_the_texture_stays():
    there = texture()
    plain, tilted = (flatten(coarse(data), 0.1)[0] for data in (there, there + slope(there.shape)))
    inner = (slice(8, -8),) * 3
    assert np.corrcoef(plain[inner].ravel(), tilted[inner].ravel())[0, 1] > 0.95
    assert abs(np.corrcoef(tilted[inner].ravel(), slope(there.shape)[inner].ravel())[0, 1]) < 0.1
    assert np.corrcoef(there[inner].ravel(), tilted[inner].ravel())[0, 1] > 0.9


def test_values_have_a_deviation_of_one_and_are_cut():
    data = texture()
    data[12, 12, 12] = 1e4
    flat = flatten(coarse(np.stack([texture(seed=1), data])), 0.1)
    assert flat.dtype == np.float32
    assert flat[0].std() == pytest.approx(1, abs=0.02)
    assert np.abs(flat).max() <= LIMIT


def test_what_is_not_valid_has_no_say():
    data, valid = texture(), np.ones((24, 26, 28), bool)
    valid[:, :, :6] = False
    one, two = (flatten(coarse(np.where(valid, data, fill), valid), 0.1) for fill in (0, -500))
    np.testing.assert_allclose(one, two, atol=1e-4)
    assert (one[:, ~valid] == 0).all()
    assert one[:, valid].std() == pytest.approx(1, abs=0.02)
    beside = flatten(coarse(np.where(valid, data + 50, 0), valid), 0.1)[0][:, :, 6:9]
    assert abs(float(beside.mean())) < 0.5, "no edge towards what is not valid"


def test_a_constant_volume_is_flat():
    assert (flatten(coarse(np.full((8, 8, 8), 3.0)), 0.1) == 0).all()


def test_walls_along_z_go_away_and_what_begins_somewhere_stays():
    data = np.zeros((1, 9, 6, 6), np.float32)
    data[:, :, 2] = 5
    data[:, 3:6, 4, 4] = 7
    varying = without_constant(data)
    assert (varying[:, :, 2] == 0).all()
    assert (varying[:, 3:6, 4, 4] == 7).all()
    assert (without_constant(data[:, :2]) == data[:, :2]).all(), "two slices say nothing of what stays"


def test_halving_takes_means_of_long_axes_only():
    data = texture((32, 33, 10))
    half = halve(coarse(data, factors=(3, 2, 1)))
    assert half.grid == (16, 17, 10)
    assert (half.factors, half.shape) == ((6, 4, 1), (96, 66, 10))
    assert half.data.dtype == np.float32
    np.testing.assert_allclose(half.data[0, 3, 5], data[6:8, 10:12].mean((0, 1)), rtol=1e-5)
    np.testing.assert_allclose(half.data[0, 3, 16], data[6:8, 32].mean(0), rtol=1e-5)


def test_halving_means_only_what_is_valid():
    data, valid = np.full((32, 32, 32), 2.0), np.ones((32, 32, 32), bool)
    valid[:3] = False
    data[:3] = 100
    half = halve(coarse(data, valid))
    assert not half.valid[0].any()
    assert half.valid[1:].all()
    np.testing.assert_allclose(half.data[0][half.valid], 2, err_msg="one valid cell of two says it all")
