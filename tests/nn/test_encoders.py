import pytest
import torch

from napari_hypseg.nn.encoders import FilterPyramid, VoxelNetwork

CUBES, SECTIONS = (1.0, 1.0, 1.0), (50.0, 4.6, 4.6)


def volume(pyramid, cells, channels=1):
    edges = [c * s + 2 * h for c, s, h in zip(cells, pyramid.stride, pyramid.halo, strict=True)]
    return torch.randn(1, channels, *edges, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("voxel_size", [CUBES, SECTIONS, (3.0, 1.0, 1.0), (1.0, 1.0, 8.0)])
@pytest.mark.parametrize("depth", [1, 3])
def test_features_lie_on_the_core(voxel_size, depth):
    pyramid = FilterPyramid(2, depth, voxel_size)
    x = volume(pyramid, (3, 2, 4), channels=2)
    core = [n - 2 * h for n, h in zip(x.shape[2:], pyramid.halo, strict=True)]
    voxels, *cells = pyramid(x)
    assert voxels.shape == (1, sum(pyramid.widths), *core)
    for part, level, width in zip(cells, pyramid.levels[1:], pyramid.widths[1:], strict=True):
        assert part.shape == (1, width, *(n // s for n, s in zip(core, level.stride, strict=True)))


@pytest.mark.parametrize("voxel_size", [CUBES, SECTIONS])
def test_a_block_with_its_halo_gives_the_features_of_the_whole(voxel_size):
    pyramid = FilterPyramid(1, 3, voxel_size)
    x = volume(pyramid, (4, 4, 4))
    inner = tuple(slice(s, -s) for s in pyramid.stride)
    whole = pyramid(x)[0][:, :, *inner]
    torch.testing.assert_close(pyramid(x[:, :, *inner])[0], whole, atol=1e-5, rtol=1e-5)


def test_scales_are_learned_only_where_it_is_said():
    pyramid = FilterPyramid(1, 2, CUBES)
    x = 5 + 3 * volume(pyramid, (6, 6, 6))
    before = pyramid(x)[0]
    torch.testing.assert_close(pyramid(x)[0], before)
    after = pyramid(x, measured=True)[0]
    assert abs(float(after[:, 0].mean())) < 1e-4
    assert float(after[:, 0].std()) == pytest.approx(1, abs=0.01)


def test_grey_values_count_more_than_shapes():
    pyramid = FilterPyramid(1, 1, CUBES)
    features = pyramid(volume(pyramid, (12, 12, 12)), measured=True)[0]
    torch.testing.assert_close(features.std(dim=(0, 2, 3, 4)), torch.tensor([1.0] + [0.5] * 5), atol=0.01, rtol=0)


def test_the_network_works_voxel_by_voxel():
    torch.manual_seed(0)
    network = VoxelNetwork(4, 8, 3)
    x = torch.randn(1, 4, 2, 3, 5)
    assert network(x).shape == (1, 2, 3, 5, 3)
    torch.testing.assert_close(network(x)[:, 1, 2, 4], network(x[..., 1:, 2:, 4:])[:, 0, 0, 0])
