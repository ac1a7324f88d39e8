"""Volumes of other people's programs."""

from pathlib import Path

import mrcfile
import nibabel
import numpy as np
import pytest

from napari_hypseg.io import open_channels, open_volume, write_volume
from napari_hypseg.volumes import Box
from napari_hypseg.volumes.units import convert
from napari_hypseg.volumes.voxel_checks import check_volume

pytestmark = pytest.mark.needs_data


def test_emdb_maps_plain_and_packed_are_equal(shared_data: Path) -> None:
    folder = shared_data / "cryoet_microtubules"
    for plain, packed in (("EMD-3001.map", "EMD-3001.map.bz2"), ("EMD-3197.map", "emd_3197.map.gz")):
        one, other = open_volume(folder / plain), open_volume(folder / packed)
        np.testing.assert_array_equal(np.asarray(one.channels[0]), np.asarray(other.channels[0]))
        assert one.fingerprint == other.fingerprint


def test_emdb_map_with_turned_axes(shared_data: Path) -> None:
    path = shared_data / "cryoet_microtubules" / "EMD-3001.map"
    volume = open_volume(path)
    with mrcfile.open(path) as file:  # sections along y, rows along x, columns along z
        np.testing.assert_array_equal(np.asarray(volume.channels[0]), file.data.transpose(2, 0, 1))
    assert volume.voxel_size == (0.45875, 0.3925, 0.44825)


def test_emdb_map_with_a_start(shared_data: Path) -> None:
    volume = open_volume(shared_data / "cryoet_microtubules" / "EMD-3197.map")
    assert volume.shape == (20, 20, 20)
    assert volume.origin == pytest.approx((0.0, 0.0, -22.8))


def test_old_style_maps(shared_data: Path) -> None:
    folder = shared_data / "labelmaps_for_simulation"
    volume = open_volume(folder / "presynaptic_tomo4_labels.mrc.gz")
    assert volume.shape == (60, 155, 155)
    assert volume.channels[0].dtype == np.int8
    assert volume.voxel_size == (16.84, 16.84, 16.84)
    assert any("old-style" in note for note in volume.notes)
    layers = open_volume(folder / "presynaptic_tomo4_layers.mrc.gz")
    assert layers.channels[0].dtype == np.int16


def test_tomogram(shared_data: Path) -> None:
    volume = open_volume(shared_data / "cryoet_hiv_vlp" / "tomogram.mrc")
    assert volume.shape == (101, 135, 135)
    assert (volume.voxel_size, volume.unit, volume.notes) == ((40.0, 40.0, 40.0), "angstrom", ())
    assert check_volume(volume) == ()


def test_mri_channels(shared_data: Path) -> None:
    folder = shared_data / "brats2013_open" / "pat0004"
    volume = open_channels(f"{folder / 'flair.nii.gz'}+{folder / 't1c.nii.gz'}")
    assert volume.shape == (155, 240, 240)
    assert len(volume.channels) == 2
    assert (volume.voxel_size, volume.unit) == ((1.0, 1.0, 1.0), "millimeter")
    expected = np.asarray(nibabel.load(folder / "t1c.nii.gz").dataobj)[100, 90, 50:60]
    np.testing.assert_array_equal(volume.channels[1][50:60, 90, 100], expected)


def test_plain_and_imagej_stacks(shared_data: Path) -> None:
    assert open_volume(shared_data / "sstem_vnc" / "raw.tif").shape == (20, 1024, 1024)
    shell = open_volume(shared_data / "microct_shell" / "volume.tif")
    assert (shell.shape, shell.unit) == ((225, 128, 128), "micrometer")
    bone = open_volume(shared_data / "xct_bone_nerve" / "bone.tif")
    assert (bone.voxel_size, bone.unit) == ((1.953125, 1.953125, 1.953125), "pixel")


@pytest.mark.parametrize("name", ["crop.mrc", "crop.tif", "crop.nii", "crop.zarr"])
@pytest.mark.parametrize(
    "source", ["cryoet_microtubules/EMD-3197.map", "brats2013_open/pat0004/flair.nii.gz", "microct_shell/volume.tif"]
)
def test_crops_stay_in_place(source: str, name: str, shared_data: Path, tmp_path: Path) -> None:
    volume = open_volume(shared_data / source)
    z, y, x = (n // 2 for n in volume.shape)
    box = Box((z - 4, y - 5, x - 6), (z + 4, y + 5, x + 6))
    (path,) = write_volume(tmp_path / name, volume, box)
    crop = open_volume(path)
    np.testing.assert_array_equal(crop.channels[0][:], volume.channels[0][box.slices])
    scale = 1.0 if volume.unit == crop.unit else convert(1.0, crop.unit, volume.unit)
    centre = np.array(crop.to_world((4, 5, 6))) * scale
    np.testing.assert_allclose(centre, volume.to_world((z, y, x)), atol=1e-3 * min(volume.voxel_size))
