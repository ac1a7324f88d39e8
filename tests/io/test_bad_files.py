"""Every file that cannot be used gets one sentence that names it and says what to do."""

import bz2
import gzip
from collections.abc import Callable
from pathlib import Path

import mrcfile
import nibabel
import numpy as np
import pytest
import tifffile
import zarr

from napari_hypseg.errors import InputError
from napari_hypseg.io import open_channels, open_volume

VOLUME = np.arange(5 * 6 * 7, dtype=np.int16).reshape(5, 6, 7)


def sentence(path: Path | str) -> str:
    with pytest.raises(InputError) as caught:
        open_volume(path)
    text = str(caught.value)
    assert Path(path).name in text
    assert text.endswith(".")
    assert "\n" not in text
    return text


def mrc(path: Path, data: np.ndarray = VOLUME) -> Path:
    with mrcfile.new(path, data) as file:
        file.voxel_size = 10.0
    return path


def npy(path: Path, data: np.ndarray) -> Path:
    np.save(path, data)
    return path


def nii(path: Path, data: np.ndarray) -> Path:
    nibabel.save(nibabel.Nifti1Image(data, np.eye(4)), path)
    return path


def tif(path: Path, data: np.ndarray, **options: object) -> Path:
    tifffile.imwrite(path, data, **options)
    return path


def cut(path: Path, keep: float = 0.6) -> Path:
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * keep)])
    return path


def test_missing(tmp_path: Path) -> None:
    assert "does not exist" in sentence(tmp_path / "nowhere.mrc")


def test_folder(tmp_path: Path) -> None:
    (tmp_path / "folder.mrc").mkdir()
    (tmp_path / "folder").mkdir()
    assert "is a folder" in sentence(tmp_path / "folder.mrc")
    assert "is a folder" in sentence(tmp_path / "folder")


def test_file_called_zarr(tmp_path: Path) -> None:
    (tmp_path / "file.zarr").write_bytes(b"zarr")
    assert "is a file" in sentence(tmp_path / "file.zarr")


@pytest.mark.parametrize("name", ["a.mrc", "a.mrc.gz", "a.tif", "a.nii.gz", "a.npy"])
def test_empty(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    assert "empty" in sentence(tmp_path / name)


def test_unknown_suffix_lists_what_is_readable(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(b"text")
    text = sentence(tmp_path / "a.docx")
    assert all(suffix in text for suffix in (".mrc", ".rec", ".tif", ".nii.gz", ".npy", ".zarr"))


@pytest.mark.parametrize("name", ["a.mrc", "a.rec", "a.map.gz"])
@pytest.mark.parametrize("raw", [b"This is a letter and not a map. " * 200, bytes(4000), b"short"])
def test_not_an_mrc(name: str, raw: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    assert "is not an MRC map" in sentence(tmp_path / name)


def test_truncated_mrc(tmp_path: Path) -> None:
    assert "is cut short" in sentence(cut(mrc(tmp_path / "a.mrc")))


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress)])
def test_truncated_and_damaged_archives(suffix: str, pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(size=(20, 30, 40)).astype(np.float32)
    raw = pack(mrc(tmp_path / "a.mrc", noise).read_bytes())
    path = tmp_path / f"a.mrc{suffix}"
    path.write_bytes(raw[: len(raw) // 2])
    assert "is cut short" in sentence(path)
    middle = len(raw) // 2
    path.write_bytes(raw[:middle] + bytes(64) + raw[middle + 64 :])
    assert "is damaged" in sentence(path)


def test_complex(tmp_path: Path) -> None:
    data = VOLUME.astype(np.complex64)
    assert "complex" in sentence(mrc(tmp_path / "a.mrc", data))
    assert "complex" in sentence(npy(tmp_path / "a.npy", data))
    assert "complex" in sentence(nii(tmp_path / "a.nii", data))
    zarr.save_array(tmp_path / "a.zarr", data)
    assert "complex" in sentence(tmp_path / "a.zarr")


def test_flat_images(tmp_path: Path) -> None:
    flat = VOLUME[0]
    assert "2-D" in sentence(mrc(tmp_path / "a.mrc", flat))
    assert "2-D" in sentence(npy(tmp_path / "a.npy", flat))
    assert "2-D" in sentence(nii(tmp_path / "a.nii", flat[..., None]))
    assert "2-D" in sentence(tif(tmp_path / "a.tif", flat))
    zarr.save_array(tmp_path / "a.zarr", flat)
    assert "2-D" in sentence(tmp_path / "a.zarr")


def test_colour_images(tmp_path: Path) -> None:
    colours = np.zeros((5, 6, 7, 3), np.uint8)
    assert "RGB" in sentence(tif(tmp_path / "stack.tif", colours, photometric="rgb"))
    assert "RGB" in sentence(tif(tmp_path / "flat.tif", colours[0], photometric="rgb"))
    record = np.zeros((5, 6, 7), np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")]))
    assert "RGB" in sentence(nii(tmp_path / "a.nii", record))


def test_stacks_of_four_axes(tmp_path: Path) -> None:
    stack = np.zeros((2, 5, 6, 7), np.uint8)
    assert "4-D" in sentence(npy(tmp_path / "a.npy", stack))
    assert "4-D" in sentence(nii(tmp_path / "a.nii", stack))
    assert "4-D" in sentence(tif(tmp_path / "a.tif", stack, photometric="minisblack"))
    zarr.save_array(tmp_path / "a.zarr", stack)
    assert "4-D" in sentence(tmp_path / "a.zarr")


def test_time_series(tmp_path: Path) -> None:
    frames = VOLUME.astype(np.uint16)
    assert "time series of 5 frames" in sentence(tif(tmp_path / "a.tif", frames, imagej=True, metadata={"axes": "TYX"}))


def test_truncated_others(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 60000, (20, 30, 40)).astype(np.uint16)
    assert "cut short" in sentence(cut(npy(tmp_path / "a.npy", noise)))
    assert "cut short" in sentence(cut(nii(tmp_path / "a.nii", noise)))
    assert "cut short" in sentence(cut(nii(tmp_path / "a.nii.gz", noise)))
    sentence(cut(tif(tmp_path / "plain.tif", noise)))
    sentence(cut(tif(tmp_path / "imagej.tif", noise, imagej=True)))
    sentence(cut(tif(tmp_path / "packed.tif", noise, compression="zlib", photometric="minisblack")))


@pytest.mark.parametrize("name", ["a.tif", "a.nii", "a.nii.gz", "a.npy", "a.npz"])
def test_other_content(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"This is a letter and not a volume. " * 50)
    sentence(tmp_path / name)


def test_pickled_objects_are_never_loaded(tmp_path: Path) -> None:
    objects = np.array([[[print]]], dtype=object)
    np.save(tmp_path / "a.npy", objects, allow_pickle=True)
    np.savez(tmp_path / "a.npz", objects)
    assert "Python objects" in sentence(tmp_path / "a.npy")
    assert "Python objects" in sentence(tmp_path / "a.npz")


def test_archive_of_several_arrays(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", VOLUME, VOLUME)
    assert "2 arrays" in sentence(tmp_path / "a.npz")


def test_zarr_without_an_image(tmp_path: Path) -> None:
    (tmp_path / "plain.zarr").mkdir()
    assert "no zarr folder" in sentence(tmp_path / "plain.zarr")
    zarr.open_group(tmp_path / "group.zarr", mode="w")
    assert "no OME-Zarr image" in sentence(tmp_path / "group.zarr")
    group = zarr.open_group(tmp_path / "gap.zarr", mode="w")
    group.attrs["ome"] = {"version": "0.5", "multiscales": [{"datasets": [{"path": "gone"}], "axes": ["z", "y", "x"]}]}
    assert "refers to 'gone'" in sentence(tmp_path / "gap.zarr")


def test_channels_on_different_grids(tmp_path: Path) -> None:
    first, second = npy(tmp_path / "a.npy", VOLUME), npy(tmp_path / "b.npy", VOLUME[:4])
    with pytest.raises(InputError, match=r"b has 4×6×7 voxels .* but a has 5×6×7"):
        open_channels(f"{first}+{second}")
