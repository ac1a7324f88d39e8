import numpy as np
import pytest
from scipy import ndimage

from napari_hypseg.errors import SettingError
from napari_hypseg.jobs import Progress, drive, quietly
from napari_hypseg.structures import mask_slabs
from napari_hypseg.structures.distance_watershed import parting_extent, split_touching_job
from napari_hypseg.structures.instances import InstanceSettings, instances_job
from napari_hypseg.volumes import Box

CUBIC = (1.0, 1.0, 1.0)


def ball(shape, centre, radius, voxel_size=CUBIC):
    grid = np.ogrid[tuple(slice(n) for n in shape)]
    return sum(((g - c) * s) ** 2 for g, c, s in zip(grid, centre, voxel_size, strict=True)) <= radius**2


def pieces(mask, voxel_size=CUBIC, **settings):
    return quietly(instances_job(mask, voxel_size, InstanceSettings.check(settings)))


def same_partition(one, other):
    pairs = np.unique(np.stack([one.ravel(), other.ravel()]), axis=1)
    return len(np.unique(pairs[0])) == len(np.unique(pairs[1])) == pairs.shape[1]


@pytest.mark.parametrize("slab_voxels", [1, 150, 1 << 21])
@pytest.mark.parametrize("connectivity", [6, 26])
@pytest.mark.parametrize("density", [0.1, 0.3])
def test_pieces_are_the_connected_components_however_the_mask_is_read(monkeypatch, slab_voxels, connectivity, density):
    monkeypatch.setattr(mask_slabs, "SLAB_VOXELS", slab_voxels)
    mask = np.random.default_rng(connectivity).random((14, 11, 13)) < density
    mask[:2], mask[:, -1] = False, False
    expected, count = ndimage.label(mask, ndimage.generate_binary_structure(3, 1 if connectivity == 6 else 3))
    found = pieces(mask, connectivity=connectivity)
    assert found.count == count
    assert same_partition(found.data[...], expected)


def test_ids_go_by_size_and_then_by_the_first_voxel():
    mask = np.zeros((3, 8, 20), bool)
    mask[2, 0, 0:2] = True
    mask[0, 4, 3:5] = True
    mask[1, 6, 10:17] = True
    mask[0, 0, 19] = True
    found = pieces(mask)
    labels = found.data[...]
    assert found.sizes.tolist() == [7, 2, 2, 1]
    assert (labels[1, 6, 10], labels[0, 4, 3], labels[2, 0, 0], labels[0, 0, 19]) == (1, 2, 3, 4)
    assert labels.dtype == np.uint16


def test_a_higher_size_filter_takes_ids_away_at_the_end_and_changes_no_other():
    mask = np.random.default_rng(3).random((12, 20, 20)) < 0.12
    every, large = pieces(mask), pieces(mask, min_voxels=4)
    assert 0 < large.count < every.count
    assert large.n_small == every.count - large.count
    kept = every.data[...].copy()
    kept[kept > large.count] = 0
    np.testing.assert_array_equal(large.data[...], kept)
    assert large.sizes.min() >= 4


def test_the_size_filter_may_be_a_volume():
    mask = np.zeros((4, 4, 9), bool)
    mask[0, 0, :3], mask[2, 2, :5] = True, True
    assert pieces(mask, (2.0, 1.0, 1.0), min_volume=10).sizes.tolist() == [5]
    assert pieces(mask, (2.0, 1.0, 1.0), min_volume=6).sizes.tolist() == [5, 3]


def test_an_empty_mask_has_no_pieces():
    found = pieces(np.zeros((4, 5, 6), bool))
    assert found.count == 0
    assert found.data[...].shape == (4, 5, 6)
    assert not found.data[...].any()


def test_masks_may_hold_any_numbers():
    mask = np.zeros((3, 4, 5), np.float32)
    mask[0, 0, 0], mask[2, 3, 4] = 0.5, 7
    assert pieces(mask).count == 2


def test_touching_balls_are_parted_at_the_neck():
    shape = (24, 24, 48)
    mask = ball(shape, (12, 12, 12), 8) | ball(shape, (12, 12, 25), 8)
    assert pieces(mask).count == 1
    found = pieces(mask, split_touching=True)
    labels = found.data[...]
    assert found.count == 2
    np.testing.assert_array_equal(labels > 0, mask)
    left, right = (np.unique(labels[12, 12, part]) for part in (slice(6, 17), slice(21, 32)))
    assert len(left) == len(right) == 1
    assert left != right


def test_parting_measures_in_world_units():
    """Two flat balls that touch in a grid whose sections are five times as thick as its pixels."""
    voxel_size, shape = (5.0, 1.0, 1.0), (13, 50, 90)
    mask = ball(shape, (6, 25, 25), 20, voxel_size) | ball(shape, (6, 25, 57), 20, voxel_size)
    assert pieces(mask, voxel_size, split_touching=True).count == 2
    assert pieces(mask, voxel_size, split_touching=True, neck_depth=12).count == 1


@pytest.mark.parametrize("seed", range(4))
def test_one_rough_object_stays_one(seed):
    shape = (30, 30, 30)
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=shape), 1.5)
    grid = np.ogrid[tuple(slice(n) for n in shape)]
    radius = np.sqrt(sum((g - 14.5) ** 2 for g in grid))
    mask, _ = ndimage.label(radius + 3 * noise < 11)
    mask = mask == mask[15, 15, 15]
    assert pieces(mask, split_touching=True, neck_depth=2).count == 1


def test_a_long_rod_is_one_object():
    shape = (20, 20, 80)
    grid = np.ogrid[tuple(slice(n) for n in shape)]
    rod = np.broadcast_to((grid[0] - 9.3) ** 2 + (grid[1] - 9.7) ** 2 < 36, shape)
    assert pieces(rod, split_touching=True).count == 1


def test_nothing_smaller_than_the_parting_extent_falls_apart():
    voxel_size, h = (2.0, 1.0, 1.0), 1.0
    least = parting_extent(voxel_size, h)
    rng = np.random.default_rng(0)
    for _ in range(60):
        shape = rng.integers(2, 12, 3)
        labels, _ = ndimage.label(rng.random(shape) < 0.75, np.ones((3, 3, 3)))
        inside = labels == np.bincount(labels[labels > 0]).argmax()
        _, count = quietly(split_touching_job(inside, voxel_size, h, 26))
        assert count == 1 or all(n >= wanted for n, wanted in zip(shape, least, strict=True))


def test_parts_are_numbered_from_one_without_gaps():
    mask = np.random.default_rng(5).random((30, 40, 40)) < 0.35
    mask = ndimage.binary_closing(mask, iterations=1)
    found = pieces(mask, split_touching=True)
    counts = np.bincount(found.data[...].ravel())
    assert counts[1:].tolist() == found.sizes.tolist()
    assert (np.diff(found.sizes) <= 0).all()
    assert found.count > pieces(mask).count


def test_labels_outside_the_box_read_as_zero():
    mask = np.zeros((6, 7, 8), bool)
    mask[2:4, 3:5, 4:7] = True
    data = pieces(mask).data
    assert data.box == Box((2, 3, 4), (4, 5, 7))
    whole = data[...]
    for index in (np.s_[1:3], np.s_[2, 3], np.s_[:, :, 5], np.s_[::2, 1:, 4], np.s_[5:, 0:1, 2:3]):
        np.testing.assert_array_equal(data[index], whole[index])


def test_progress_is_told_and_never_falls_within_a_pass():
    events = []
    drive(instances_job(np.ones((40, 10, 10), bool), CUBIC, InstanceSettings()), events.append)
    assert all(isinstance(event, Progress) and 0 <= event.fraction <= 1 for event in events)


def test_settings_say_what_is_not_allowed():
    with pytest.raises(SettingError, match="connectivity"):
        InstanceSettings.check({"connectivity": 18})
    with pytest.raises(SettingError, match="neck_depth"):
        InstanceSettings.check({"neck_depth": 0})
