import numpy as np
import pytest
import torch
from scipy import ndimage

from napari_hypseg.supervoxels.watershed import MARGIN, basins, connected_axes, edge_strength

CUBE = (1.0, 1.0, 1.0)
FINE = 0.7
ALL = (True, True, True)


def noise(*shape, scale=0.0):
    data = np.random.default_rng(0).normal(size=shape)
    return torch.from_numpy(ndimage.gaussian_filter(data, (0, scale, scale, scale)).astype(np.float32))


def found(x, voxel_size=CUBE):
    return basins(edge_strength(x, voxel_size, FINE), connected_axes(voxel_size)).long()


def within(n, block):
    """A block of a grid of n³ voxels with its margin, and the block in it."""
    outer = [slice(max(0, s.start - MARGIN), min(n, s.stop + MARGIN)) for s in block]
    return outer, tuple(slice(s.start - o.start, s.stop - o.start) for s, o in zip(block, outer, strict=True))


@pytest.mark.parametrize(
    ("voxel_size", "axes"),
    [
        (CUBE, ALL),
        ((5.0, 5.0, 5.0), ALL),
        ((2.4, 1.0, 1.0), ALL),
        ((2.5, 1.0, 1.0), (False, True, True)),
        ((50.0, 4.6, 4.6), (False, True, True)),
        ((1.0, 3.0, 9.0), (True, False, False)),
    ],
)
def test_regions_extend_along_fine_axes(voxel_size, axes):
    assert connected_axes(voxel_size) == axes


@pytest.mark.parametrize("axes", [ALL, (False, True, True), (True, False, True), (False, False, True)])
def test_every_voxel_goes_down_to_a_lowest_one(axes):
    strength = np.round(np.random.default_rng(1).random((7, 8, 9)), 1).astype(np.float32)
    size = [3 if followed else 1 for followed in axes]
    index = np.arange(strength.size).reshape(strength.shape)
    order = np.argsort(np.lexsort((index.ravel(), strength.ravel()))).reshape(strength.shape)
    lowest = ndimage.minimum_filter(order, size=size, mode="nearest")
    step = np.empty(strength.size, dtype=np.int64)
    step[order.ravel()] = np.arange(strength.size)
    expected = step[lowest.ravel()]
    for _ in range(strength.size):
        expected = step[lowest.ravel()][expected]
    assert basins(torch.from_numpy(strength), axes).ravel().tolist() == expected.tolist()


def test_a_flat_valley_is_one_region_with_its_first_voxel_as_root():
    assert not basins(torch.zeros(5, 6, 7), ALL).any()
    planes = basins(torch.zeros(5, 6, 7), (False, True, True))
    assert planes.unique().tolist() == [42 * z for z in range(5)]


@pytest.mark.parametrize(("scale", "share"), [(0.0, 0), (1.0, 0), (2.0, 0), (4.0, 1e-3)])
def test_a_block_with_its_margin_has_the_basins_of_the_whole(scale, share):
    # Only where everything is smooth are some ways to a root longer than the margin.
    n = 80
    x = noise(1, n, n, n, scale=scale)
    x /= x.std()
    whole = found(x).numpy()
    block = (slice(0, 40), slice(24, 64), slice(40, 80))
    outer, core = within(n, block)
    own = found(x[:, *outer].contiguous())
    places = np.unravel_index(own[core].numpy(), own.shape)
    moved = np.ravel_multi_index([p + o.start for p, o in zip(places, outer, strict=True)], whole.shape)
    assert (moved != whole[block]).mean() <= share


def test_no_region_has_both_sides_of_a_clean_edge():
    z, y, x = np.indices((20, 21, 22))
    for right in (x > 9, y > 4, z > 15):
        at = found(torch.from_numpy(right[None].astype(np.float32))).numpy()
        assert not set(at[right].tolist()) & set(at[~right].tolist())


@pytest.mark.parametrize("radius", [5, 9])
def test_only_corners_of_a_clean_ball_go_to_the_other_side(radius):
    z, y, x = np.indices((30, 32, 34))
    ball = (z - 14) ** 2 + (y - 15) ** 2 + (x - 16) ** 2 < radius**2
    at = found(torch.from_numpy(ball[None].astype(np.float32))).numpy()
    lost, caught = ball & ~ball.ravel()[at], ~ball & ball.ravel()[at]
    assert lost.sum() < 0.06 * ball.sum()
    assert not caught.any()
    assert not (lost & ndimage.binary_erosion(ball, np.ones((3, 3, 3)))).any()


def test_regions_of_noise_are_small_and_not_single_voxels():
    count = len(found(noise(1, 40, 40, 40)).unique())
    assert 20 < 40**3 / count < 100


def test_coarse_planes_do_not_see_each_other():
    x = noise(1, 6, 30, 30)
    voxel_size = (50.0, 5.0, 5.0)
    at = found(x, voxel_size)
    assert torch.equal(at // 900, torch.arange(6).view(6, 1, 1).expand_as(at))
    for z in range(6):
        assert torch.equal(found(x[:, z : z + 1], voxel_size) + 900 * z, at[z : z + 1])


def test_the_strength_of_a_slope_counts_channels_and_lengths():
    z = torch.arange(20.0).view(20, 1, 1).expand(20, 20, 20)
    steep = edge_strength(torch.stack([3 * z, 4 * z]), (2.0, 1.0, 1.0), FINE)
    assert steep[10, 10, 10].item() == pytest.approx(5 / 2, rel=1e-4)


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 1, 9), (1, 20, 20), (2, 2, 2)])
def test_thin_volumes_have_regions(shape):
    at = found(noise(2, *shape))
    assert at.shape == shape
    assert torch.equal(at.view(-1)[at], at)


@pytest.mark.parametrize("value", [0.0, -0.4137, 3.3e-3])
def test_where_nothing_changes_there_is_no_edge(value):
    assert not edge_strength(torch.full((2, 20, 21, 22), value), CUBE, FINE).any()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_gpu_finds_the_same_regions():
    strength = edge_strength(noise(1, 40, 40, 40), CUBE, FINE)
    assert torch.equal(basins(strength.cuda(), ALL).cpu(), basins(strength, ALL))
