import itertools

import pytest
import torch

from napari_hypseg.nn.appearance import FILTER_RADIUS, appearance_features, n_appearance_features

GREY, GRADIENT, TEXTURE, LOWEST = 0, 1, 2, 3
ALL = (0, 1, 2)


def noise(*shape, seed=0):
    return torch.randn(1, 1, *shape, generator=torch.Generator().manual_seed(seed))


def features_of(x, axes):
    """Features of all of a grid, whose faces are continued."""
    margin = [FILTER_RADIUS if axis in axes else 0 for axis in (2, 2, 1, 1, 0, 0)]
    return appearance_features(torch.nn.functional.pad(x, margin, mode="replicate"), axes)


def middle(features):
    z, y, x = (slice(FILTER_RADIUS, n - FILTER_RADIUS) for n in features.shape[2:])
    return features[:, :, z, y, x]


@pytest.mark.parametrize("axes", [(0, 1, 2), (1, 2), (2,)])
def test_every_channel_has_its_features(axes):
    made = features_of(torch.randn(2, 3, 5, 6, 7), axes)
    assert made.shape == (2, 3 * n_appearance_features(len(axes)), 5, 6, 7)
    assert made.isfinite().all()


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_turning_a_volume_turns_its_features_and_changes_none(order):
    x = noise(18, 18, 18)
    turned = x.permute(0, 1, *(2 + axis for axis in order)).flip(3)
    expected = features_of(x, ALL).permute(0, 1, *(2 + axis for axis in order)).flip(3)
    torch.testing.assert_close(features_of(turned, ALL), expected, atol=1e-4, rtol=1e-3)


def test_the_filters_reach_no_further_than_the_margin():
    x, other = noise(20, 20, 20), noise(20, 20, 20, seed=1)
    near = (..., *(slice(10 - FILTER_RADIUS, 11 + FILTER_RADIUS),) * 3)
    other[near] = x[near]
    torch.testing.assert_close(features_of(x, ALL)[..., 10, 10, 10], features_of(other, ALL)[..., 10, 10, 10])


def test_a_coarse_axis_is_not_looked_along():
    x = noise(6, 16, 16)
    whole = features_of(x, (1, 2))
    torch.testing.assert_close(whole[:, :, 2:3], features_of(x[:, :, 2:3], (1, 2)))


def test_eigenvalues_tell_sheets_from_lines_and_blobs():
    ticks = torch.arange(25.0) - 12
    z, y, x = torch.meshgrid(ticks, ticks, ticks, indexing="ij")
    for distances, bent in (([z], 1), ([z, y], 2), ([z, y, x], 3)):
        bright = torch.exp(-sum(d.square() for d in distances) / 8)
        values = features_of(bright[None, None], ALL)[0, LOWEST:, 12, 12, 12]
        assert (values < -0.05).sum() == bent
        assert (values.diff() >= -1e-5).all()


def test_texture_is_the_strength_of_what_a_gaussian_takes_away():
    weak, strong = (features_of(s * noise(24, 24, 24), ALL) for s in (1.0, 3.0))
    ratio = middle(strong)[:, TEXTURE].mean() / middle(weak)[:, TEXTURE].mean()
    assert ratio == pytest.approx(3, rel=0.01)


def test_a_slope_has_its_gradient_and_no_bend():
    slope = 0.5 * torch.arange(24.0).expand(1, 1, 24, 24, 24)
    made = middle(features_of(slope, ALL))
    torch.testing.assert_close(made[:, GRADIENT], torch.full_like(made[:, GRADIENT], 0.5), atol=1e-4, rtol=0)
    assert made[:, LOWEST:].abs().max() < 1e-3


@pytest.mark.parametrize("step", [(2, 2, 2), (1, 2, 3)])
@pytest.mark.parametrize("axes", [(0, 1, 2), (1, 2)])
def test_a_sample_has_the_features_it_has_among_all(axes, step):
    x = noise(23, 25, 24)
    z, y, w = step
    torch.testing.assert_close(
        appearance_features(x, axes, step), appearance_features(x, axes)[:, :, ::z, ::y, ::w], atol=1e-6, rtol=1e-6
    )
