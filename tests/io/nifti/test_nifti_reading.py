"""NIfTI: nothing flipped, scaling applied, the affine kept and given to the labels unchanged."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest

from napari_hypseg.errors import InputError
from napari_hypseg.io import LabelImage, open_volume, write_labels

OBLIQUE = np.array([[-0.9, 0.1, 0.2, 12.5], [0.05, 0.02, 1.8, -7.0], [0.15, -1.1, 0.1, 33.0], [0, 0, 0, 1]])


def save(path: Path, zyx: np.ndarray, affine: np.ndarray, unit: str | None = "mm") -> Path:
    image = nibabel.Nifti1Image(zyx.T, affine)
    image.set_sform(affine, code=1)
    image.set_qform(affine, code=2, strip_shears=True)
    if unit:
        image.header.set_xyzt_units(unit)
    nibabel.save(image, path)
    return path


def test_axes_are_z_y_x_and_not_flipped(distinct: np.ndarray, tmp_path: Path) -> None:
    for affine in (np.diag([1.5, 2.0, 3.0, 1]), np.diag([-1.5, -2.0, 3.0, 1]), OBLIQUE):
        volume = open_volume(save(tmp_path / "a.nii.gz", distinct, affine))
        np.testing.assert_array_equal(np.asarray(volume.channels[0]), distinct)
    assert volume.channels[0].dtype == np.uint16


def test_size_unit_and_origin(distinct: np.ndarray, tmp_path: Path) -> None:
    affine = np.diag([1.5, 2.0, 3.0, 1])
    affine[:3, 3] = [10, 20, 30]
    volume = open_volume(save(tmp_path / "a.nii", distinct, affine, "micron"))
    assert (volume.voxel_size, volume.unit, volume.origin) == ((3.0, 2.0, 1.5), "micrometer", (30.0, 20.0, 10.0))
    assert open_volume(save(tmp_path / "b.nii", distinct, affine, None)).unit == "millimeter"


@pytest.mark.parametrize("affine", [np.diag([-1.5, 2.0, -3.0, 1.0]), OBLIQUE])
def test_a_crop_lands_where_it_was_cut_from(affine: np.ndarray, distinct: np.ndarray, tmp_path: Path) -> None:
    rotation, _ = np.linalg.qr(affine[:3, :3])
    affine = affine.copy()
    affine[:3, :3] = rotation @ np.diag([1.5, 2.0, 3.0])
    moved = affine.copy()
    moved[:3, 3] += affine[:3, :3] @ [3, 2, 1]
    whole = open_volume(save(tmp_path / "whole.nii", distinct, affine))
    crop = open_volume(save(tmp_path / "crop.nii", distinct[1:, 2:, 3:], moved))
    np.testing.assert_allclose(whole.to_voxel(crop.origin), (1, 2, 3), atol=1e-4)


def test_labels_carry_the_very_same_affine(distinct: np.ndarray, tmp_path: Path) -> None:
    source = save(tmp_path / "image.nii.gz", distinct, OBLIQUE)
    volume = open_volume(source)
    image = LabelImage(
        distinct, 209, volume.voxel_size, volume.unit, volume.origin, metadata=volume.metadata, names={3: "three"}
    )
    path = write_labels(tmp_path / "labels.nii.gz", image)
    original, exported = nibabel.load(source), nibabel.load(path)
    np.testing.assert_array_equal(exported.affine, original.affine)
    for name in ("sform_code", "qform_code", "quatern_b", "quatern_c", "quatern_d", "srow_x", "srow_y", "srow_z"):
        np.testing.assert_array_equal(exported.header[name], original.header[name])
    np.testing.assert_array_equal(np.asarray(exported.dataobj), np.asarray(original.dataobj))
    again = open_volume(path)
    assert (again.voxel_size, again.unit, again.origin) == (volume.voxel_size, volume.unit, volume.origin)
    assert again.metadata["names"] == {3: "three"}


def test_a_corrected_voxel_size_goes_before_the_old_affine(distinct: np.ndarray, tmp_path: Path) -> None:
    volume = open_volume(save(tmp_path / "image.nii", distinct, OBLIQUE))
    image = LabelImage(distinct, 209, (3.0, 2.0, 1.0), "millimeter", metadata=volume.metadata)
    again = open_volume(write_labels(tmp_path / "labels.nii", image))
    assert again.voxel_size == (3.0, 2.0, 1.0)
    assert again.origin == (0.0, 0.0, 0.0)
    moved = replace(image, voxel_size=volume.voxel_size, origin=(7.0, 8.0, 9.0))
    assert open_volume(write_labels(tmp_path / "moved.nii", moved)).origin == pytest.approx((7.0, 8.0, 9.0), abs=1e-4)


def test_the_affine_survives_a_project_file(distinct: np.ndarray, tmp_path: Path) -> None:
    """A project keeps the metadata as JSON, where tuples become lists."""
    source = save(tmp_path / "image.nii.gz", distinct, OBLIQUE)
    volume = open_volume(source)
    kept = json.loads(json.dumps(dict(volume.metadata)))
    image = LabelImage(distinct, 209, volume.voxel_size, volume.unit, volume.origin, metadata=kept)
    path = write_labels(tmp_path / "labels.nii.gz", image)
    np.testing.assert_array_equal(nibabel.load(path).affine, nibabel.load(source).affine)


def test_scaling_is_applied(distinct: np.ndarray, tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(distinct.T.astype(np.int16), np.eye(4))
    image.header.set_slope_inter(0.5, -10)
    nibabel.save(image, tmp_path / "a.nii")
    raw = bytearray((tmp_path / "a.nii").read_bytes())
    raw[112:120] = np.array([0.5, -10], "<f4").tobytes()
    (tmp_path / "a.nii").write_bytes(raw)
    channel = open_volume(tmp_path / "a.nii").channels[0]
    assert channel.dtype == np.float32
    np.testing.assert_allclose(np.asarray(channel), nibabel.load(tmp_path / "a.nii").get_fdata().T, rtol=1e-6)


def test_one_time_point_is_a_volume(distinct: np.ndarray, tmp_path: Path) -> None:
    nibabel.save(nibabel.Nifti1Image(distinct.T[..., None], np.eye(4)), tmp_path / "a.nii")
    np.testing.assert_array_equal(np.asarray(open_volume(tmp_path / "a.nii").channels[0]), distinct)


def test_nifti_2_and_big_endian(distinct: np.ndarray, tmp_path: Path) -> None:
    nibabel.save(nibabel.Nifti2Image(distinct.T, np.eye(4)), tmp_path / "two.nii")
    np.testing.assert_array_equal(np.asarray(open_volume(tmp_path / "two.nii").channels[0]), distinct)
    header = nibabel.Nifti1Header(endianness=">")
    nibabel.save(nibabel.Nifti1Image(distinct.T, np.eye(4), header), tmp_path / "big.nii")
    np.testing.assert_array_equal(np.asarray(open_volume(tmp_path / "big.nii").channels[0]), distinct)


def change(path: Path, **fields: object) -> Path:
    """Overwrite fields of a NIfTI-1 header where they stand, unlike nibabel, which would put them right."""
    header = nibabel.Nifti1Header(path.read_bytes()[:348])
    for name, value in fields.items():
        header[name] = value
    path.write_bytes(header.binaryblock + path.read_bytes()[348:])
    return path


def test_impossible_size(distinct: np.ndarray, tmp_path: Path) -> None:
    path = change(save(tmp_path / "a.nii", distinct, np.eye(4)), pixdim=[1.0] + [0.0] * 7, sform_code=0)
    volume = open_volume(path)
    assert (volume.voxel_size, volume.unit) == ((1.0, 1.0, 1.0), "pixel")
    assert "a.nii" in volume.notes[0]


@pytest.mark.parametrize("pixdim", [(1, 1, 1), (0, 0, 0), (0.5, 2, 0.5), (np.nan, 1, 1)], ids=str)
def test_a_coded_sform_counts_and_not_a_stale_pixdim(
    pixdim: tuple[float, ...], distinct: np.ndarray, tmp_path: Path
) -> None:
    affine = np.diag([0.5, 0.5, 2.0, 1.0])
    affine[:3, 3] = -10, 5, 3
    path = change(save(tmp_path / "a.nii", distinct, affine), pixdim=[1, *pixdim, 1, 1, 1, 1], qform_code=0)
    volume = open_volume(path)
    assert (volume.voxel_size, volume.unit, volume.origin) == ((2.0, 0.5, 0.5), "millimeter", (3.0, 5.0, -10.0))
    (note,) = volume.notes
    assert "two voxel sizes" in note
    assert "2 × 0.5 × 0.5" in note


@pytest.mark.parametrize("row", [(0, 0, 0, 7), (np.nan, 0, 0, 0), (0, 0, 2.0, 0)], ids=str)
def test_a_coded_sform_that_spans_nothing_gives_way_to_the_qform(
    row: tuple[float, ...], distinct: np.ndarray, tmp_path: Path
) -> None:
    affine = np.diag([-1.5, 2.0, 3.0, 1.0])
    affine[:3, 3] = 10, 20, 30
    path = change(save(tmp_path / "a.nii", distinct, affine), srow_x=row)
    volume = open_volume(path)
    assert (volume.voxel_size, volume.origin) == ((3.0, 2.0, 1.5), (30.0, 20.0, -10.0))
    assert "sform" in volume.notes[0]
    assert open_volume(change(path, qform_code=0)).voxel_size == (3.0, 2.0, 1.5)


def test_infinite_offsets_are_left_out_of_account(distinct: np.ndarray, tmp_path: Path) -> None:
    path = save(tmp_path / "a.nii", distinct, np.diag([1.5, 2.0, 3.0, 1.0]))
    change(path, srow_y=[0, 2, 0, np.inf], qoffset_z=np.inf)
    volume = open_volume(path)
    assert volume.voxel_size == (3.0, 2.0, 1.5)
    assert np.isfinite(volume.origin).all()
    assert len(volume.notes) == 2


def test_codes_of_units_that_nobody_defined(distinct: np.ndarray, tmp_path: Path) -> None:
    path = change(save(tmp_path / "a.nii", distinct, np.eye(4)), xyzt_units=5)
    assert open_volume(path).unit == "millimeter"


@pytest.mark.parametrize("offset", [0.0, 348.0, np.nan, -16.0])
def test_voxels_never_begin_in_the_header(offset: float, distinct: np.ndarray, tmp_path: Path) -> None:
    path = change(save(tmp_path / "a.nii", distinct, np.eye(4)), vox_offset=offset)
    np.testing.assert_array_equal(np.asarray(open_volume(path).channels[0]), distinct)
    raw = bytearray(path.read_bytes())
    raw[348] = 1  # extensions are promised, but nothing says where the voxels begin behind them
    path.write_bytes(raw)
    np.testing.assert_array_equal(np.asarray(open_volume(path).channels[0]), distinct)


def test_content_tells_what_is_compressed(distinct: np.ndarray, tmp_path: Path) -> None:
    raw = save(tmp_path / "a.nii", distinct, np.diag([1, 1, 3, 1.0])).read_bytes()
    (tmp_path / "plain.nii.gz").write_bytes(raw)
    (tmp_path / "packed.nii").write_bytes(gzip.compress(raw))
    for name in ("plain.nii.gz", "packed.nii"):
        volume = open_volume(tmp_path / name)
        np.testing.assert_array_equal(np.asarray(volume.channels[0]), distinct)
        assert volume.voxel_size == (3.0, 1.0, 1.0)


def test_what_is_no_nifti_is_named(tmp_path: Path) -> None:
    for content in (b"nothing of the kind", bytes(600), (348).to_bytes(4, "little") + bytes(600)):
        (tmp_path / "a.nii").write_bytes(content)
        with pytest.raises(InputError, match=r"a\.nii cannot be read as NIfTI"):
            open_volume(tmp_path / "a.nii")
