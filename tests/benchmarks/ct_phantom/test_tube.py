from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from benchmarks.ct_phantom.surroundings import AIR, DISTRACTOR, MEDIUM, SPECIMEN, WALL
from benchmarks.ct_phantom.tube import TubeChoices, draw_tube_choices, draw_tube_shape, tube_phantom
from napari_hypseg.errors import SettingError
from napari_hypseg.volumes.box import Box

SHAPE = (56, 64, 68)
CHOICES = TubeChoices("capillary", 0.04, 0.2, 0.1, 0.0, 4, 1, True, True, 0.02, 0.05, 0.6)


@pytest.fixture(scope="module")
def scan():
    return tube_phantom(SHAPE, 3, CHOICES)


def test_same_seed_same_scan(scan):
    np.testing.assert_array_equal(scan.volume.channels[0], tube_phantom(SHAPE, 3, CHOICES).volume.channels[0])
    assert not np.array_equal(scan.volume.channels[0], tube_phantom(SHAPE, 4, CHOICES).volume.channels[0])


def test_volume_labels_and_box(scan):
    (channel,) = scan.volume.channels
    assert channel.dtype == np.float32
    assert channel.shape == scan.labels.shape == SHAPE
    assert np.isfinite(channel).all()
    assert set(np.unique(scan.labels)) == {AIR, SPECIMEN, MEDIUM, WALL, DISTRACTOR}
    index = np.argwhere(scan.mask)
    assert scan.box == Box(tuple(index.min(axis=0)), tuple(index.max(axis=0) + 1))


def test_the_specimen_is_one_small_piece_that_touches_no_wall(scan):
    assert ndimage.label(scan.mask)[1] == 1
    assert 0.02 < scan.mask.mean() < 0.05
    around = ndimage.binary_dilation(scan.mask, iterations=2) & ~scan.mask
    assert set(np.unique(scan.labels[around])) <= {MEDIUM, DISTRACTOR}


def test_a_bead_touches_the_specimen():
    only = replace(CHOICES, bubbles=0, beads=0, rod=False)
    made = tube_phantom(SHAPE, 3, only)
    assert (ndimage.binary_dilation(made.mask, iterations=2) & (made.labels == DISTRACTOR)).any()
    assert not (tube_phantom(SHAPE, 3, replace(only, touching=False)).labels == DISTRACTOR).any()


def test_the_specimen_has_the_grey_value_of_the_medium_and_texture_and_noise_are_as_strong_as_asked():
    made = tube_phantom(SHAPE, 3, replace(CHOICES, rings=0.0, cupping=0.0, noise=0.05, bubbles=0, beads=0, rod=False))
    data = made.volume.channels[0]
    air, medium, specimen = (data[ndimage.binary_erosion(made.labels == n)] for n in (AIR, MEDIUM, SPECIMEN))
    unit = medium.mean() - air.mean()  # of 0.85 to 1 of the medium's grey value
    assert abs(specimen.mean() - medium.mean()) < 0.05 * unit
    assert 0.05 < medium.std() / unit < 0.07
    assert specimen.std() > 2 * medium.std()


def test_what_is_drawn_is_within_its_bounds():
    drawn = [draw_tube_choices(np.random.default_rng(seed)) for seed in range(50)]
    assert {one.container for one in drawn} == {"capillary", "cylinder", "filling"}
    assert all(0 < one.noise <= 0.2 and 0.005 < one.fraction <= 0.05 for one in drawn)
    assert {one.touching for one in drawn} == {True, False}
    for seed in range(20):
        assert all(96 <= n <= 128 for n in draw_tube_shape(seed, (96, 128)))


def test_a_grid_that_shows_nothing_is_refused():
    with pytest.raises(SettingError, match="48 or more"):
        tube_phantom((47, 64, 64), 0)
