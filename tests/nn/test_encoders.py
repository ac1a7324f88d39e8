import pytest
import torch

from napari_hypseg.nn import encoders
from napari_hypseg.nn.encoders import FilterBank, VoxelMLP, crop_margin

CUBES, SECTIONS = (1.0, 1.0, 1.0), (50.0, 4.6, 4.6)


def volume(filters, shape, channels=1):
    edges = [n + 2 * h for n, h in zip(shape, filters.halo, strict=True)]
    return torch.randn(1, channels, *edges, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("voxel_size", [CUBES, SECTIONS, (3.0, 1.0, 1.0), (1.0, 1.0, 8.0)])
def test_features_lie_on_the_core(voxel_size):
    filters = FilterBank(2, voxel_size)
    assert filters(volume(filters, (9, 6, 13), channels=2)).shape == (1, filters.width, 9, 6, 13)


def test_sections_are_looked_at_each_by_itself():
    filters = FilterBank(1, SECTIONS)
    assert filters.halo[0] == 0
    x = volume(filters, (5, 16, 16))
    torch.testing.assert_close(filters(x)[:, :, 2:3], filters(x[:, :, 2:3]))


@pytest.mark.parametrize("voxel_size", [CUBES, SECTIONS])
def test_a_block_with_its_halo_gives_the_features_of_the_whole(voxel_size):
    filters = FilterBank(1, voxel_size)
    x = volume(filters, (12, 12, 12))
    whole = crop_margin(filters(x), (3, 2, 1))
    torch.testing.assert_close(filters(crop_margin(x, (3, 2, 1))), whole, atol=1e-5, rtol=1e-5)


def test_scales_are_learned_only_where_it_is_said():
    filters = FilterBank(1, CUBES)
    x = 5 + 3 * volume(filters, (12, 12, 12))
    before = filters(x)
    torch.testing.assert_close(filters(x), before)
    after = filters(x, measured=True)
    assert abs(float(after[:, 0].mean())) < 1e-4
    assert float(after[:, 0].std()) == pytest.approx(1, abs=0.01)


def test_grey_values_count_more_than_shapes():
    filters = FilterBank(1, CUBES)
    features = filters(volume(filters, (12, 12, 12)), measured=True)
    torch.testing.assert_close(features.std(dim=(0, 2, 3, 4)), torch.tensor([1.0] + [0.5] * 5), atol=0.01, rtol=0)


def test_a_coarser_copy_is_looked_at_as_the_volume_is():
    filters = FilterBank(1, CUBES)
    fine = volume(filters, (4, 6, 8)).clone()
    coarse = fine.repeat_interleave(2, 2).repeat_interleave(2, 3).repeat_interleave(2, 4)
    # The halo of the larger volume is cut to that of its core, twice as large.
    coarse = crop_margin(coarse, filters.halo)
    cells = filters.coarse_features(coarse, (2, 2, 2))
    assert cells.shape == (1, filters.width, 4, 6, 8)
    inner = (2, 2, 2)
    torch.testing.assert_close(
        crop_margin(cells, inner)[:, 0], crop_margin(filters(fine), inner)[:, 0], atol=1e-5, rtol=1e-5
    )


@pytest.mark.parametrize(("voxel_size", "strides"), [(CUBES, 4), (SECTIONS, 2), ((1.0, 1.0, 8.0), 1)])
def test_coarser_copies_end_where_another_axis_comes_into_view(voxel_size, strides):
    assert len(FilterBank(1, voxel_size).coarse_strides) == strides


def test_the_network_works_voxel_by_voxel():
    torch.manual_seed(0)
    network = VoxelMLP(4, 8, 3)
    x = torch.randn(1, 4, 2, 3, 5)
    assert network(x).shape == (1, 2, 3, 5, 3)
    torch.testing.assert_close(network(x)[:, 1, 2, 4], network(x[..., 1:, 2:, 4:])[:, 0, 0, 0])


@pytest.mark.parametrize("at_once", [1, 7, 10_000])
def test_the_network_gives_the_same_in_whatever_portions(monkeypatch, at_once):
    monkeypatch.setattr(encoders, "VOXELS_AT_ONCE", at_once)
    torch.manual_seed(0)
    network, features = VoxelMLP(5, 8, 3), torch.randn(2, 5, 3, 4, 2)
    with torch.no_grad():
        found = network(features)
        assert network(features[:0]).shape == (0, 3, 4, 2, 3)
    assert found.shape == (2, 3, 4, 2, 3)
    torch.testing.assert_close(found, network(features).detach())
