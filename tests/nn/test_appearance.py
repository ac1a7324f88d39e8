import itertools

import pytest
import torch

from napari_hypseg.nn.appearance import FILTER_RADIUS, appearance_features, n_appearance_features

GREY, GRADIENT, TEXTURE, LOWEST = 0, 1, 2, 3
ALL = (0, 1, 2)


def noise(*shape, seed=0):
    return torch.randn(1, 1, *shape, generator=torch.Generator().manual_seed(seed))


def middle(features):
    z, y, x = (slice(FILTER_RADIUS, n - FILTER_RADIUS) for n in features.shape[2:])
    return features[:, :, z, y, x]


@pytest.mark.parametrize("axes", [(0, 1, 2), (1, 2), (2,)])
def test_every_channel_has_its_features(axes):
    made = appearance_features(torch.randn(2, 3, 5, 6, 7), axes)
    assert made.shape == (2, 3 * n_appearance_features(len(axes)), 5, 6, 7)
    assert made.isfinite().all()


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_turning_a_volume_turns_its_features_and_changes_none(order):
    x = noise(18, 18, 18)
    turned = x.permute(0, 1, *(2 + axis for axis in order)).flip(3)
    expected = appearance_features(x, ALL).permute(0, 1, *(2 + axis for axis in order)).flip(3)
    torch.testing.assert_close(appearance_features(turned, ALL), expected, atol=1e-4, rtol=1e-3)


def test_the_filters_reach_no_further_than_the_margin():
    x, other = noise(20, 20, 20), noise(20, 20, 20, seed=1)
    near = (..., *(slice(10 - FILTER_RADIUS, 11 + FILTER_RADIUS),) * 3)
    other[near] = x[near]
    torch.testing.assert_close(
        appearance_features(x, ALL)[..., 10, 10, 10], appearance_features(other, ALL)[..., 10, 10, 10]
    )


def test_a_coarse_axis_is_not_looked_along():
    x = noise(6, 16, 16)
    whole = appearance_features(x, (1, 2))
    torch.testing.assert_close(whole[:, :, 2:3], appearance_features(x[:, :, 2:3], (1, 2)))


def test_eigenvalues_tell_sheets_from_lines_and_blobs():
    ticks = torch.arange(25.0) - 12
    z, y, x = torch.meshgrid(ticks, ticks, ticks, indexing="ij")
    for distances, bent in (([z], 1), ([z, y], 2), ([z, y, x], 3)):
        bright = torch.exp(-sum(d.square() for d in distances) / 8)
        values = appearance_features(bright[None, None], ALL)[0, LOWEST:, 12, 12, 12]
        assert (values < -0.05).sum() == bent
        assert (values.diff() >= -1e-5).all()


def test_texture_is_the_strength_of_what_a_gaussian_takes_away():
    weak, strong = (appearance_features(s * noise(24, 24, 24), ALL) for s in (1.0, 3.0))
    ratio = middle(strong)[:, TEXTURE].mean() / middle(weak)[:, TEXTURE].mean()
    assert ratio == pytest.approx(3, rel=0.01)


def test_a_slope_has_its_gradient_and_no_bend():
    slope = 0.5 * torch.arange(24.0).expand(1, 1, 24, 24, 24)
    made = middle(appearance_features(slope, ALL))
    torch.testing.assert_close(made[:, GRADIENT], torch.full_like(made[:, GRADIENT], 0.5), atol=1e-4, rtol=0)
    assert made[:, LOWEST:].abs().max() < 1e-3
