import numpy as np
import pytest
from scipy import ndimage

from benchmarks.ct_phantom.surroundings import WALL
from benchmarks.ct_phantom.tube import TubeChoices, tube_phantom
from napari_hypseg.jobs import quietly
from napari_hypseg.methods.localizers.container import inside, restricted, wall_depth
from napari_hypseg.methods.localizers.search_region import search_region
from napari_hypseg.volumes.coarse import CoarseVolume, coarsen
from napari_hypseg.volumes.volume import Volume

SHAPE = (64, 64, 64)
CHOICES = TubeChoices("capillary", 0.03, 0.25, 0.15, 0.0, 4, 1, True, True, 0.02, 0.05, 0.6)
BLOCK = (slice(12, 52),) * 3


def coarse(data):
    return quietly(coarsen(Volume((data,)), 128))


def texture(seed, sigma=2.5):
    made = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=SHAPE), sigma).astype(np.float32)
    return made / made.std()


def noise(seed=9):
    return np.random.default_rng(seed).normal(0, 0.1, SHAPE).astype(np.float32)


@pytest.mark.parametrize("seed", range(3))
def test_a_tube_of_medium_is_no_body_and_its_inside_is_looked_at(seed):
    made = tube_phantom(SHAPE, seed, CHOICES)
    region = search_region(coarse(made.volume.channels[0]))
    assert region.body is None
    assert region.copy.valid[made.mask].mean() > 0.95
    assert region.copy.valid.mean() < 0.6
    assert region.copy.valid[made.labels == WALL].mean() < 0.05


def test_a_body_in_air_that_structure_fills_is_the_sample():
    data = noise()
    data[BLOCK] += 2 + 0.5 * texture(0)[BLOCK]
    region = search_region(coarse(data))
    assert region.body is not None
    assert region.copy.valid.all()
    truth = np.zeros(SHAPE, bool)
    truth[BLOCK] = True
    assert (region.body != truth).mean() < 0.02


@pytest.mark.parametrize("strength", [0.0, 0.1, 0.4])
def test_noise_of_any_strength_does_not_fill_a_body(strength):
    data = (strength * 10 * noise()).astype(np.float32)
    data[BLOCK] += 2
    assert search_region(coarse(data)).body is None


def test_medium_above_which_there_is_air_is_looked_at_and_not_the_air():
    data = 1 + noise()
    data[44:] -= 1
    sample = (slice(14, 30), slice(20, 44), slice(20, 40))
    data[sample] += 0.5 * texture(1)[sample]
    region = search_region(coarse(data))
    assert region.body is None
    assert region.copy.valid[sample].all()


def test_a_volume_of_one_grey_value_is_looked_at_as_a_whole():
    region = search_region(coarse(1 + noise()))
    assert region.body is None
    assert region.copy.valid.all()


def test_the_wall_is_measured_and_left_out():
    z, y, x = np.ogrid[tuple(slice(-32, 32) for _ in range(3))]
    radius = np.hypot(y + 0 * z, x + 0 * z)
    tube = np.broadcast_to(radius < 28, SHAPE)
    data = np.where(radius < 23, 1.0, 2.0) * tube + noise()
    assert 4 <= wall_depth(data.astype(np.float32), tube) <= 6
    within = inside(tube, data.astype(np.float32))
    assert not within[np.broadcast_to(radius > 23, SHAPE)].any()
    assert within[np.broadcast_to(radius < 19, SHAPE)].all()


def test_a_restricted_copy_is_standardised_where_it_is_valid():
    data = np.concatenate([noise()[:32], 50 + noise()[32:]])
    region = np.zeros(SHAPE, bool)
    region[32:] = True
    copy = restricted(CoarseVolume(data[None], np.ones(SHAPE, bool), (1, 1, 1), SHAPE), region)
    assert abs(copy.data[0][region].mean()) < 0.05
    assert abs(copy.data[0][region].std() - 1) < 0.05
    assert not copy.data[0][~region].any()
    np.testing.assert_array_equal(copy.valid, region)
