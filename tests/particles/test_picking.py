import numpy as np
import pytest
from scipy.spatial import cKDTree

from napari_hypseg.errors import InputError, SettingError
from napari_hypseg.jobs import quietly
from napari_hypseg.particles.pick_settings import PickSettings
from napari_hypseg.particles.picking import pick_particles_job
from napari_hypseg.particles.spacing import nearest_distances, spaced_job
from napari_hypseg.particles.tomogram_grid import TomogramGrid
from napari_hypseg.structures.instances import InstanceSettings

SHAPE = (48, 64, 72)
CENTRES = np.array([[14.0, 16.0, 18.0], [24.5, 42.0, 30.5], [30.0, 20.0, 56.0]])
RADII = (8.0, 6.0, 9.0)


def balls(centres=CENTRES, radii=RADII, shape=SHAPE, voxel_size=(1.0, 1.0, 1.0), hollow=0.0):
    places = np.moveaxis(np.indices(shape), 0, -1)
    mask = np.zeros(shape, bool)
    for centre, radius in zip(centres, radii, strict=True):
        away = np.linalg.norm((places - centre) * voxel_size, axis=-1)
        mask |= (away <= radius) & (away >= hollow * radius)
    return mask


def pick(mask, voxel_size=(1.0, 1.0, 1.0), pieces=None, **settings):
    grid = TomogramGrid("cell", mask.shape, voxel_size, "nanometer")
    job = pick_particles_job(mask, grid, PickSettings(**settings), InstanceSettings(**(pieces or {})), "ball")
    return quietly(job)


def matched(found, centres):
    """Distance from each of `centres` to the nearest particle."""
    return cKDTree(found.positions).query(centres)[0]


@pytest.mark.parametrize("source", ["instances", "maxima"])
def test_one_particle_in_the_middle_of_each_ball(source):
    found = pick(balls(), source=source, spacing=5)
    assert len(found) == 3
    assert matched(found, CENTRES).max() < 0.3
    order = cKDTree(CENTRES).query(found.positions)[1]
    np.testing.assert_allclose(found.scalars["diameter"], 2 * np.array(RADII)[order], atol=1.5)
    assert found.name == "ball"
    assert order.tolist() == [2, 0, 1]  # the largest first


def test_maxima_part_what_touches():
    centres = [[24, 24, 20], [24, 24, 36], [24, 38, 28]]
    mask = balls(centres, (8.5, 8.5, 8.5))
    assert len(pick(mask)) == 1
    found = pick(mask, source="maxima", spacing=8, min_diameter=10)
    assert len(found) == 3
    assert matched(found, centres).max() < 1
    assert len(pick(mask, pieces={"split_touching": True})) == 3


@pytest.mark.parametrize("voxel_size", [(1.0, 1.0, 1.0), (3.0, 1.0, 1.5)])
def test_points_on_a_surface_keep_their_distance_and_leave_no_gap(voxel_size):
    centre = np.array([24.0, 32.0, 36.0]) if voxel_size[0] == 1 else np.array([10.0, 32.0, 30.0])
    radius, spacing = 18.0, 5.0
    mask = balls([centre], [radius], (21 if voxel_size[0] > 1 else 48, 64, 72), voxel_size)
    found = pick(mask, voxel_size, source="surface", spacing=spacing)
    away = (found.positions - centre) * voxel_size
    np.testing.assert_allclose(np.linalg.norm(away, axis=1), radius, atol=1.5)
    assert nearest_distances(found.world).min() >= spacing * (1 - 1e-6)
    directions = np.random.default_rng(0).normal(size=(3000, 3))
    sphere = radius * directions / np.linalg.norm(directions, axis=1, keepdims=True)
    assert cKDTree(away).query(sphere)[0].max() < 1.4 * spacing
    cosine = (found.axes * away).sum(axis=1) / np.linalg.norm(away, axis=1)
    assert np.degrees(np.arccos(np.clip(cosine, -1, 1))).max() < 4 * max(voxel_size) + 8
    assert np.degrees(np.arccos(np.clip(cosine, -1, 1))).mean() < 1 + 1.5 * max(voxel_size)


def test_a_shell_has_points_outside_and_not_inside_unless_all_are_wanted():
    radius = 16.0
    shell = balls([[24, 32, 36]], [radius], hollow=0.7)
    away = np.linalg.norm(pick(shell, source="surface", spacing=4).positions - [24, 32, 36], axis=1)
    assert away.min() > 0.85 * radius
    both = np.linalg.norm(pick(shell, source="surface", spacing=4, side="all").positions - [24, 32, 36], axis=1)
    assert both.min() < 0.8 * radius
    moved = np.linalg.norm(pick(shell, source="surface", spacing=4, offset=3).positions - [24, 32, 36], axis=1)
    np.testing.assert_allclose(moved, away + 3, atol=0.3)


def open_shells(centres, radius):
    """Shells without caps, as a missing wedge leaves them."""
    shell = balls(centres, [radius] * len(centres), hollow=0.7)
    for z, _, _ in centres:
        shell[: int(z - 0.7 * radius)] = shell[int(z + 0.7 * radius) + 1 :] = False
    return shell


def test_hollow_shells_that_touch_are_counted_one_by_one_once_they_are_filled():
    centres = [[24, 24, 20], [24, 24, 43], [24, 45, 32]]
    shells = open_shells(centres, 12.0)
    assert len(pick(shells)) == 1
    assert len(pick(shells, pieces={"split_touching": True})) != 3
    for source in ("instances", "maxima"):
        found = pick(shells, source=source, min_diameter=12, pieces={"split_touching": True, "fill_hollow": True})
        assert len(found) == 3
        assert matched(found, centres).max() < 1


def test_points_on_shells_that_touch_are_all_around_each_and_none_inside():
    centres = np.array([[24.0, 24.0, 20.0], [24.0, 24.0, 43.0]])
    shells = balls(centres, (12.0, 12.0), hollow=0.7)
    pieces = {"split_touching": True, "fill_hollow": True}
    found = pick(shells, source="surface", spacing=4, pieces=pieces)
    away, nearest = cKDTree(centres).query(found.positions)
    assert away.min() > 10
    assert np.bincount(nearest).min() > 55  # of about 79 on a whole ball, less what touches
    assert (found.axes * (found.positions - centres[nearest])).sum(axis=1).min() > 0


def test_pieces_that_are_too_small_have_no_points():
    mask = balls(CENTRES[1:], (4.0, 9.0))
    found = pick(mask, source="surface", spacing=3, pieces={"min_voxels": 1000})
    np.testing.assert_allclose(np.linalg.norm(found.positions - CENTRES[2], axis=1), 9, atol=1.5)


def test_where_the_volume_cuts_a_structure_off_there_are_no_points():
    found = pick(balls([[0, 32, 36]], [18.0]), source="surface", spacing=4)
    assert found.axes[:, 0].min() > -0.75  # nothing looks out of the first plane
    middle = np.linalg.norm(found.positions[:, 1:] - [32, 36], axis=1)
    assert not ((found.positions[:, 0] < 1.5) & (middle < 14)).any()


def test_the_same_mask_gives_the_same_points():
    one, other = (pick(balls(), source="surface", spacing=3) for _ in range(2))
    np.testing.assert_array_equal(one.positions, other.positions)


def test_of_two_that_are_too_near_the_larger_stays():
    found = pick(balls(), spacing=32)  # the ball of radius 6 is nearer than that to the one of radius 8
    assert len(found) == 2
    assert matched(found, CENTRES[[0, 2]]).max() < 0.3


def test_sizes_filter_and_none_left_is_told_with_the_sizes_there_are():
    assert len(pick(balls(), min_diameter=14, max_diameter=17)) == 1
    with pytest.raises(
        SettingError, match=r"None of the 3 particles of ball is 40 or more nm across; they are 1\d\.\d"
    ):
        pick(balls(), min_diameter=40)
    with pytest.raises(SettingError, match="is up to 2 nm across"):
        pick(balls(), source="maxima", max_diameter=2)
    with pytest.raises(SettingError, match="no diameter"):
        pick(balls(), source="surface", spacing=3, min_diameter=40)


def test_an_empty_structure_has_no_particles():
    for source in ("instances", "maxima", "surface"):
        with pytest.raises(InputError, match="ball has no voxels in cell"):
            pick(np.zeros(SHAPE, bool), source=source, spacing=5)
    with pytest.raises(InputError, match="no piece of 100000 voxels"):
        pick(balls(), pieces={"min_voxels": 100_000})


def test_a_surface_needs_a_spacing_that_can_be():
    with pytest.raises(SettingError, match="how far apart"):
        pick(balls(), source="surface")
    with pytest.raises(SettingError, match=r"choose at least 0\.0"):
        pick(balls(), source="surface", spacing=0.001)


def test_spacing_takes_points_in_their_order_and_leaves_none_that_could_be_added():
    points = np.random.default_rng(2).uniform(0, 10, (500, 3))
    kept = quietly(spaced_job(points, 2.0, np.arange(500)[::-1]))
    assert 499 in kept
    assert nearest_distances(points[kept]).min() >= 2
    assert cKDTree(points[kept]).query(points)[0].max() < 2
    assert np.isnan(nearest_distances(points[:1])).all()
