import numpy as np
import pytest
from scipy import ndimage

from napari_hypseg.supervoxels.noise_level import MAX_SCALE, MIN_SCALE, noise_fraction, smoothing_scale
from napari_hypseg.volumes.intensity import measure_intensity
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import Volume


def specimen(data, voxel_size=(1.0, 1.0, 1.0), mask=None):
    volume = Volume((data.astype(np.float32),), voxel_size, "nanometer", name="v")
    return Specimen(volume, None if mask is None else Volume((mask,), voxel_size, "nanometer", name="m"))


def share(of):
    return list(noise_fraction(of, measure_intensity(of)))[-1]


def structure(shape, sigma=6):
    smooth = ndimage.gaussian_filter(np.random.default_rng(1).normal(size=shape), sigma)
    return smooth / smooth.std()


@pytest.mark.parametrize("noise", [0.0, 0.3, 1.0, 3.0])
def test_the_share_of_white_noise_is_found(noise):
    data = structure((60, 60, 60)) + noise * np.random.default_rng(0).normal(size=(60, 60, 60))
    assert share(specimen(data)) == pytest.approx(noise**2 / (1 + noise**2), abs=0.05)


def test_only_voxels_that_count_and_axes_along_which_they_are_neighbours_are_asked():
    data = structure((60, 60, 60))
    mask = np.zeros(data.shape, dtype=np.uint8)
    mask[:, :, :30] = 1
    noisy = data.copy()
    noisy[:, :, 31:] += 5 * np.random.default_rng(0).normal(size=(60, 60, 29))
    assert share(specimen(noisy, mask=mask)) < 0.05
    sections = data + np.random.default_rng(0).normal(size=(60, 1, 1))
    assert share(specimen(sections, (10.0, 1.0, 1.0))) < 0.05


@pytest.mark.parametrize("shape", [(1, 1, 2), (2, 40, 3), (1, 1, 50)])
def test_thin_volumes_have_a_share(shape):
    assert 0.2 < share(specimen(np.random.default_rng(0).normal(size=shape))) <= 1


def test_more_noise_is_smoothed_more_within_limits():
    scales = [smoothing_scale(noise) for noise in (0, 0.05, 0.2, 0.4, 0.6, 1)]
    assert scales == sorted(scales)
    assert (scales[0], scales[-1]) == (MIN_SCALE, MAX_SCALE)
    assert MIN_SCALE < scales[3] < MAX_SCALE
