"""The affine of a cropped NIfTI keeps every voxel where it was, whatever it turns, flips or shears."""

from pathlib import Path

import nibabel
import numpy as np
import pytest

from napari_hypseg.io import open_volume, write_volume
from napari_hypseg.volumes import Box

BOX = Box((1, 2, 3), (4, 6, 7))
OBLIQUE = np.array([[-0.9, 0.1, 0.2, 12.5], [0.05, 0.02, 1.8, -7.0], [0.15, -1.1, 0.1, 33.0], [0, 0, 0, 1]])
TURNED = np.eye(4)
TURNED[:3, :3] = np.linalg.qr(OBLIQUE[:3, :3])[0] @ np.diag([1.5, 2.0, 3.0])
TURNED[:3, 3] = 12.5, -7.0, 33.0
FLIPPED = np.diag([-1.5, -2.0, 3.0, 1.0])
FLIPPED[:3, 3] = 90.0, 126.0, -72.0


def saved(path: Path, zyx: np.ndarray, affine: np.ndarray, sform: int, qform: int, kind: type) -> Path:
    header = kind.header_class()
    header.set_data_dtype(zyx.dtype)
    header.set_sform(affine if sform else None, code=sform)
    header.set_qform(affine, code=qform, strip_shears=True)
    header.set_xyzt_units("mm")
    image = kind(zyx.T, None, header)  # nibabel would make the codes agree with an affine
    image.header["pixdim"][1:4] = np.linalg.norm(affine[:3, :3], axis=0)
    nibabel.save(image, path)
    return path


@pytest.mark.parametrize("affine", [TURNED, FLIPPED, OBLIQUE], ids=["turned", "flipped", "sheared"])
@pytest.mark.parametrize(("sform", "qform"), [(1, 1), (2, 0), (0, 1), (0, 0)])
@pytest.mark.parametrize("box", [BOX, Box((0, 0, 0), (3, 4, 5)), Box.whole((5, 6, 7))], ids=str)
@pytest.mark.parametrize("kind", [nibabel.Nifti1Image, nibabel.Nifti2Image])
def test_voxels_stay_in_the_world(
    affine: np.ndarray, sform: int, qform: int, box: Box, kind: type, distinct: np.ndarray, tmp_path: Path
) -> None:
    source = saved(tmp_path / "whole.nii", distinct, affine, sform, qform, kind)
    volume = open_volume(source)
    (path,) = write_volume(tmp_path / "crop.nii.gz", volume, box)
    whole, crop = nibabel.load(source), nibabel.load(path)
    assert (whole.header["sform_code"], whole.header["qform_code"]) == (sform, qform)
    np.testing.assert_array_equal(np.asarray(crop.dataobj).T, distinct[box.slices])
    start = np.array([*box.start[::-1], 1])
    np.testing.assert_allclose(crop.affine @ [0, 0, 0, 1], whole.affine @ start, atol=2e-5)
    np.testing.assert_allclose(crop.affine[:3, :3], whole.affine[:3, :3], atol=1e-5)
    if qform:
        np.testing.assert_allclose(crop.get_qform() @ [0, 0, 0, 1], whole.get_qform() @ start, atol=2e-5)
    again = open_volume(path)
    assert again.voxel_size == pytest.approx(volume.voxel_size, rel=2e-7)
    np.testing.assert_allclose(again.origin, volume.to_world(box.start), atol=5e-5)


def test_the_whole_keeps_its_very_fields(distinct: np.ndarray, tmp_path: Path) -> None:
    source = saved(tmp_path / "whole.nii", distinct, OBLIQUE, 3, 1, nibabel.Nifti1Image)
    volume = open_volume(source)
    (path,) = write_volume(tmp_path / "copy.nii", volume, volume.box)
    original, copy = nibabel.load(source).header, nibabel.load(path).header
    for name in ("sform_code", "qform_code", "pixdim", "srow_x", "srow_y", "srow_z", "qoffset_x", "quatern_b"):
        np.testing.assert_array_equal(copy[name], original[name])


def test_a_scaled_volume_keeps_its_values(distinct: np.ndarray, tmp_path: Path) -> None:
    source = saved(tmp_path / "ct.nii", distinct.astype(np.int16), FLIPPED, 1, 1, nibabel.Nifti1Image)
    raw = bytearray(source.read_bytes())
    raw[112:120] = np.array([0.5, -1024], "<f4").tobytes()
    source.write_bytes(raw)
    volume = open_volume(source)
    (path,) = write_volume(tmp_path / "crop.nii", volume, BOX)
    np.testing.assert_array_equal(nibabel.load(path).get_fdata().T, distinct[BOX.slices] * 0.5 - 1024)


def test_pixels_stay_pixels_in_a_crop_of_a_crop(distinct: np.ndarray, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", distinct)
    volume = open_volume(tmp_path / "a.npy")
    (once,) = write_volume(tmp_path / "once.nii", volume, BOX)
    (twice,) = write_volume(tmp_path / "twice.nii", open_volume(once), Box((1, 1, 1), (3, 3, 3)))
    again = open_volume(twice)
    assert (again.unit, again.voxel_size, again.origin) == ("pixel", (1.0, 1.0, 1.0), (2.0, 3.0, 4.0))
