"""Responses are those of filters over the whole volume, and physical where voxels are no cubes."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_hypseg.supervoxels.scale_space import Scale
from napari_hypseg.volumes.blocks import align_to_stride, read_with_mirror_padding
from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.lattice import Lattice
from napari_hypseg.volumes.volume import Volume

CORE = Box((12, 16, 10), (37, 40, 41))


@pytest.fixture(scope="module")
def grey():
    noise = np.random.default_rng(0).normal(size=(56, 60, 64))
    smooth = gaussian_filter(noise, 2.0)
    return (smooth / smooth.std()).astype(np.float32)


def responses(grey, width, voxel_size, core=CORE):
    scale = Scale.of(width, voxel_size)
    return scale.responses(read_with_mirror_padding(Volume((grey,)), scale.reach(core))[0], core)


@pytest.mark.parametrize("step", [(2, 2, 2), (1, 2, 2)])
@pytest.mark.parametrize("width", [1, 4, 8])
@pytest.mark.parametrize("core", [CORE, Box((13, 17, 11), (38, 40, 41))])
def test_samples_respond_as_they_do_among_all(grey, width, step, core):
    scale, lattice = Scale.of(width, (1.0, 1.0, 1.0)), Lattice(step)
    around = align_to_stride(core, step)
    read = read_with_mirror_padding(Volume((grey,)), scale.reach(around))[0]
    every = responses(grey, width, (1.0, 1.0, 1.0), around)
    z, y, x = step
    np.testing.assert_allclose(scale.responses(read, core, lattice), every[:, ::z, ::y, ::x], atol=1e-6)


def whole_volume(grey, sigma, spacing, core=CORE):
    mean = gaussian_filter(grey, sigma, mode="mirror", truncate=5)
    deviation = np.sqrt(np.maximum(gaussian_filter(grey**2, sigma, mode="mirror", truncate=5) - mean**2, 0))
    parts = np.gradient(mean, *spacing)
    return np.stack([mean, deviation, np.sqrt(sum(np.square(part) for part in parts))])[:, *core.slices]


def agreement(found, expected):
    """The lowest correlation of the responses."""
    return min(np.corrcoef(one.ravel(), other.ravel())[0, 1] for one, other in zip(found, expected, strict=True))


@pytest.mark.parametrize(("width", "least"), [(1, 0.9999), (2, 0.9999), (4, 0.95), (8, 0.9)])
def test_responses_are_those_of_filters_over_the_whole_volume(grey, width, least):
    found, expected = responses(grey, width, (1.0, 1.0, 1.0)), whole_volume(grey, width, (1, 1, 1))
    assert found.shape == (3, *CORE.shape)
    assert found.dtype == np.float32
    assert agreement(found, expected) > least
    np.testing.assert_allclose(found.mean(axis=(1, 2, 3)), expected.mean(axis=(1, 2, 3)), atol=0.01)


def test_a_width_is_a_length_whatever_the_voxels_are(grey):
    found = responses(grey, 4, (8.0, 2.0, 2.0))
    expected = whole_volume(grey, (1, 4, 4), (4, 1, 1))
    assert Scale.of(4, (8.0, 2.0, 2.0)).cell == (1, 2, 2)
    assert agreement(found, expected) > 0.97


def test_thick_sections_are_not_mixed(grey):
    other = grey.copy()
    other[20] += 5.0
    assert Scale.of(2, (50.0, 4.6, 4.6)).sigma[0] < 0.2
    found, changed = (responses(values, 2, (50.0, 4.6, 4.6))[0] for values in (grey, other))
    assert np.abs(np.delete(found - changed, 20 - CORE.start[0], axis=0)).max() < 1e-5


def test_a_volume_of_one_plane_has_responses():
    plane = np.random.default_rng(0).normal(size=(1, 24, 24)).astype(np.float32)
    for width in (1, 8):
        assert np.isfinite(responses(plane, width, (1.0, 1.0, 1.0), Box.whole(plane.shape))).all()
