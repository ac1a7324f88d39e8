import numpy as np
import pytest

from napari_hypseg.errors import InputError
from napari_hypseg.volumes import Box, Specimen, Volume, join_channels
from napari_hypseg.volumes.intensity import measure_intensity

RANDOM = np.random.default_rng(0)


def volume(shape=(20, 22, 24), **kwargs):
    return Volume((RANDOM.normal(100, 20, size=shape).astype(np.float32),), **kwargs)


def test_world_and_voxel_are_inverse():
    placed = volume(voxel_size=(2.0, 3.0, 4.0), origin=(10.0, 0.0, -5.0), unit="angstrom")
    assert placed.to_world((1, 2, 3)) == (12.0, 6.0, 7.0)
    assert placed.to_voxel(placed.to_world((1, 2, 3))) == (1, 2, 3)


def test_channels_on_different_grids_are_refused():
    with pytest.raises(InputError, match="20×22×24"):
        join_channels([volume(), volume((5, 5, 5))])


def test_fingerprint_depends_on_voxels_and_place():
    first = volume()
    same = Volume(first.channels)
    assert first.fingerprint == same.fingerprint
    assert first.fingerprint != Volume(first.channels, voxel_size=(2, 1, 1)).fingerprint
    assert first.fingerprint != volume().fingerprint


def test_mask_and_box_restrict_what_counts():
    mask = np.zeros((20, 22, 24), dtype=np.uint8)
    mask[5:10] = 1
    specimen = Specimen(volume(), Volume((mask,)), Box((8, 0, 0), (99, 22, 24)))
    inside = specimen.inside(specimen.volume.box)
    assert inside.sum() == 2 * 22 * 24
    assert inside[8:10].all()


def test_mask_of_another_shape_and_empty_box_are_refused():
    with pytest.raises(InputError, match="share a grid"):
        Specimen(volume(), volume((5, 5, 5)))
    with pytest.raises(InputError, match="holds no voxel"):
        Specimen(volume(), box=Box((50, 0, 0), (60, 5, 5)))


def test_intensity_ignores_bad_voxels_and_outliers():
    dirty = volume((40, 40, 40))
    dirty.channels[0][::7, 0, 0] = np.nan
    dirty.channels[0][3, 3, 3] = 1e9
    intensity = measure_intensity(Specimen(dirty))
    assert intensity.mean[0] == pytest.approx(100, abs=1)
    assert intensity.std[0] == pytest.approx(20, rel=0.05)
    assert np.isfinite(intensity.standardise(dirty.read(dirty.box))).all()


def test_intensity_is_measured_inside_a_tiny_mask():
    values = volume((100, 100, 100))
    values.channels[0][50:53, 50:53, 50:53] += 1000
    mask = np.zeros((100, 100, 100), dtype=np.uint8)
    mask[50:53, 50:53, 50:53] = 1
    assert measure_intensity(Specimen(values, Volume((mask,)))).mean[0] > 900


@pytest.mark.parametrize(("value", "words"), [(3.0, "value 3"), (np.nan, "NaN")])
def test_a_volume_without_contrast_is_refused(value, words):
    flat = Volume((np.full((20, 20, 20), value, dtype=np.float32),), name="flat")
    with pytest.raises(InputError, match=words):
        measure_intensity(Specimen(flat))


def test_an_empty_mask_is_refused():
    mask = Volume((np.zeros((20, 22, 24), dtype=np.uint8),))
    with pytest.raises(InputError, match="leaves no voxel"):
        measure_intensity(Specimen(volume(), mask))


def test_a_constant_channel_beside_another_says_nothing():
    both = join_channels([volume(), Volume((np.full((20, 22, 24), 7.0),), name="flat")])
    intensity = measure_intensity(Specimen(both))
    standardised = intensity.standardise(both.read(both.box))
    assert standardised[0].std() > 0.9
    assert not standardised[1].any()
