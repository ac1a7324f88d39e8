import numpy as np
import pytest
import torch
from scipy import ndimage

from napari_hypseg.methods.localizers.coherence import combine, dropout_coherence, plain_coherence, slices_along
from napari_hypseg.nn.slice_encoder import SliceEncoder

SHAPE = (24, 28, 32)
BLOCK = (slice(8, 17), slice(9, 20), slice(10, 24))


def noise(seed=0):
    return np.random.default_rng(seed).normal(0, 1, SHAPE)


def structured():
    """A block of smooth texture in noise of the same variance."""
    smooth = ndimage.gaussian_filter(noise(1), 1.5)
    data = noise()
    data[BLOCK] = (smooth / smooth.std())[BLOCK]
    return as_tensor(data)


def as_tensor(data):
    return torch.from_numpy(np.asarray(data, np.float32))[None]


def walled():
    """Noise with a bright wall that is the same in every slice along z."""
    data = 0.3 * noise()
    data[:, 12:15] += 4
    return as_tensor(data)


def inside(seen):
    """Mean inside the block and quantile of what is clear of it."""
    inner = tuple(slice(s.start + 2, s.stop - 2) for s in BLOCK)
    clear = np.ones(SHAPE, bool)
    clear[tuple(slice(s.start - 3, s.stop + 3) for s in BLOCK)] = False
    return seen[inner].mean(), np.quantile(seen[clear], 0.99)


@pytest.fixture
def encoder():
    torch.manual_seed(0)
    return SliceEncoder(1, 0.3)


def seen_by(encoder, volume, axis):
    return dropout_coherence(encoder, volume, axis, torch.Generator().manual_seed(0))


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_structure_stands_out_from_noise(axis):
    seen = plain_coherence(structured(), axis)
    assert (seen.shape, seen.dtype) == (SHAPE, np.float32)
    within, without = inside(seen)
    assert within > 2 * without


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_structure_stands_out_in_embeddings(encoder, axis):
    seen = seen_by(encoder, structured(), axis)
    assert seen.shape == SHAPE
    within, without = inside(seen)
    assert within > without


def test_a_wall_that_stays_where_it_is_does_not_stand_out(encoder):
    wall = plain_coherence(walled(), 0)
    assert wall[:, 12:15].mean() < 0.1 * plain_coherence(structured(), 0)[BLOCK].mean()
    seen = seen_by(encoder, walled(), 0)
    assert seen[:, 12:15].mean() < 3 * np.abs(seen[:, :8]).mean()


def test_looking_leaves_chance_as_it_was_and_gives_the_same_twice(encoder):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    one, two = (seen_by(encoder, structured(), 0) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    torch.testing.assert_close(torch.rand(3), expected)


@pytest.mark.parametrize("shape", [(1, 12, 12), (2, 9, 5), (12, 1, 12), (3, 3, 3), (1, 1, 1)])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_any_grid_gives_finite_evidence(encoder, shape, axis):
    volume = torch.rand(1, *shape)
    for seen in (plain_coherence(volume, axis), seen_by(encoder, volume, axis)):
        assert seen.shape == shape
        assert np.isfinite(seen).all()


def test_slices_are_those_of_the_axis():
    volume = torch.rand(2, 3, 4, 5)
    assert torch.equal(slices_along(volume, 1)[2], volume[:, :, 2])


def test_only_what_all_maps_see_counts():
    one, two = np.zeros((2, 2, 3), np.float32), np.zeros((2, 2, 3), np.float32)
    one[0], two[0, 0], two[1] = 3, 0.01, 0.01
    seen = combine([one, two])
    assert seen.dtype == np.float32
    assert seen[0, 0].min() > 10 * max(seen[0, 1].max(), seen[1].max())
    np.testing.assert_allclose(combine([5 * one, two]), seen, rtol=1e-5)
    assert np.isfinite(combine([one * 0, two * 0])).all()
