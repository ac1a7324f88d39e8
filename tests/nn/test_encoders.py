import pytest
import torch

from napari_hypseg.nn.encoders import PyramidEncoder, plan_levels

ISOTROPIC, SECTIONS = (1.0, 1.0, 1.0), (50.0, 4.6, 4.6)


@pytest.mark.parametrize("voxel_size", [ISOTROPIC, SECTIONS, (3.0, 1.0, 1.0)])
def test_features_lie_on_the_core(voxel_size):
    encoder = PyramidEncoder(2, (4, 5, 6), voxel_size)
    core = [2 * s for s in encoder.stride]
    x = torch.randn(1, 2, *[c + 2 * h for c, h in zip(core, encoder.halo, strict=True)])
    for feature, level in zip(encoder(x), encoder.levels, strict=True):
        assert list(feature.shape[2:]) == [c // s for c, s in zip(core, level.stride, strict=True)]


def test_coarse_axes_are_pooled_last():
    strides = [level.stride for level in plan_levels(SECTIONS, 5)]
    assert strides[:4] == [(1, 1, 1), (1, 2, 2), (1, 4, 4), (1, 8, 8)]
    assert strides[4] == (2, 16, 16)
    assert plan_levels(SECTIONS, 5)[0].kernel == (1, 3, 3)


def test_the_halo_is_enough_context():
    """What lies outside the halo changes nothing: the receptive field ends there."""
    torch.manual_seed(0)
    encoder = PyramidEncoder(1, (4, 4, 4), ISOTROPIC).eval()
    h, s = encoder.halo[0], encoder.stride[0]
    x = torch.randn(1, 1, *[4 * s + 2 * h] * 3)
    whole = encoder(x)[0]
    part = encoder(x[:, :, s:-s, s:-s, s:-s])[0]
    torch.testing.assert_close(whole[:, :, s:-s, s:-s, s:-s], part, atol=1e-5, rtol=1e-5)
