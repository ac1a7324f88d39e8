"""The direction of a NIfTI volume: read, compared, kept in crops, and given to what is written."""

from pathlib import Path

import nibabel
import numpy as np
import pytest
from nibabel.orientations import axcodes2ornt, io_orientation, ornt_transform

from napari_hypseg.errors import InputError
from napari_hypseg.io import LabelImage, open_volume, write_labels, write_volume
from napari_hypseg.io.opening import open_channels
from napari_hypseg.volumes import Box, Volume, align_to

AFFINE = np.diag([1.5, 2.0, 3.0, 1.0])
AFFINE[:3, 3] = -12.0, 7.0, 30.0


def stored(path: Path, image: nibabel.Nifti1Image, codes: str) -> Path:
    """Write `image` with its axes towards `codes`, as nibabel reorients it."""
    change = ornt_transform(io_orientation(image.affine), axcodes2ornt(codes))
    turned = image.as_reoriented(change)
    turned.set_qform(turned.affine, code=1)
    nibabel.save(turned, path)
    return path


@pytest.fixture
def ras(distinct: np.ndarray, tmp_path: Path) -> Path:
    return stored(tmp_path / "ras.nii.gz", nibabel.Nifti1Image(distinct.T, AFFINE), "RAS")


@pytest.mark.parametrize("codes", ["LAS", "RPI", "LPS", "SRA", "PIR", "ASL"])
def test_what_is_stored_in_another_direction_is_the_same(codes: str, ras: Path, tmp_path: Path) -> None:
    whole = open_volume(ras)
    path = stored(tmp_path / f"{codes}.nii", nibabel.load(ras), codes)
    aligned = align_to(open_volume(path), whole)
    np.testing.assert_array_equal(np.asarray(aligned.channels[0]), np.asarray(whole.channels[0]))
    np.testing.assert_allclose(aligned.origin, whole.origin, atol=1e-4)
    np.testing.assert_allclose(aligned.direction, whole.direction, atol=1e-6)
    both = open_channels(f"{ras}+{path}").read(whole.box)
    np.testing.assert_array_equal(both[0], both[1])
    (written,) = write_volume(tmp_path / "again.nii", aligned, aligned.box)
    again = nibabel.load(written)
    np.testing.assert_allclose(again.affine, nibabel.load(ras).affine, atol=1e-4)
    np.testing.assert_array_equal(np.asarray(again.dataobj), np.asarray(nibabel.load(ras).dataobj))


def test_the_world_is_that_of_the_file(ras: Path, tmp_path: Path) -> None:
    path = stored(tmp_path / "a.nii", nibabel.load(ras), "PIR")
    volume, affine = open_volume(path), nibabel.load(path).affine
    index = np.array([1, 3, 2])
    there = np.asarray(volume.direction) @ volume.to_world(index)
    np.testing.assert_allclose(there[::-1], (affine @ [*index[::-1], 1])[:3], atol=1e-4)


def test_a_mask_with_a_forgotten_affine_is_refused(ras: Path, distinct: np.ndarray, tmp_path: Path) -> None:
    head = open_volume(stored(tmp_path / "head.nii", nibabel.load(ras), "LPS"))
    nibabel.save(nibabel.Nifti1Image(distinct.T, np.diag([1.5, 2.0, 3.0, 1.0])), tmp_path / "mask.nii")
    with pytest.raises(InputError, match=r"mask begins .* from head"):
        align_to(open_volume(tmp_path / "mask.nii"), head)


def test_no_code_is_no_direction(distinct: np.ndarray, tmp_path: Path) -> None:
    header = nibabel.Nifti1Header()
    header.set_data_dtype(distinct.dtype)
    nibabel.save(nibabel.Nifti1Image(distinct.T, None, header), tmp_path / "a.nii")
    assert open_volume(tmp_path / "a.nii").direction is None
    unknown = write_labels(tmp_path / "b.nii", LabelImage(distinct, 209))
    assert open_volume(unknown).direction is None


def test_crops_and_corrected_sizes_keep_the_direction(ras: Path, distinct: np.ndarray, tmp_path: Path) -> None:
    head = open_volume(stored(tmp_path / "head.nii", nibabel.load(ras), "LPS"))
    (path,) = write_volume(tmp_path / "crop.nii", head, Box((1, 1, 1), (4, 5, 6)))
    np.testing.assert_allclose(open_volume(path).direction, head.direction, atol=1e-6)
    image = LabelImage(
        np.asarray(head.channels[0]), 209, (6.0, 4.0, 3.0), "millimeter", head.origin, metadata=head.metadata
    )
    labels = open_volume(write_labels(tmp_path / "labels.nii", image))
    assert labels.voxel_size == (6.0, 4.0, 3.0)
    np.testing.assert_allclose(labels.direction, head.direction, atol=1e-6)
    np.testing.assert_allclose(labels.origin, head.origin, atol=1e-4)


def test_a_direction_alone_is_written(distinct: np.ndarray, tmp_path: Path) -> None:
    direction = ((0.0, 0.0, -1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))
    volume = Volume((distinct,), (3.0, 2.0, 1.5), "millimeter", (5.0, 6.0, 7.0), direction=direction)
    (path,) = write_volume(tmp_path / "a.nii", volume, volume.box)
    again = open_volume(path)
    np.testing.assert_allclose(again.direction, direction, atol=1e-6)
    np.testing.assert_allclose(again.origin, volume.origin, atol=1e-5)
