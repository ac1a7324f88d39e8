"""One registry: endings, channels, destinations, and light imports."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from napari_hypseg.errors import InputError, SettingError
from napari_hypseg.io import (
    LabelImage,
    format_of,
    formats,
    label_destination,
    open_channels,
    open_volume,
    readable_suffixes,
    write_labels,
)


def test_required_endings_are_readable() -> None:
    needed = {".mrc", ".rec", ".map", ".st", ".ali", ".mrc.gz", ".map.bz2", ".tif", ".tiff", ".nii", ".nii.gz"}
    assert needed | {".npy", ".zarr", ".ome.zarr"} <= set(readable_suffixes())


@pytest.mark.parametrize(
    ("name", "expected"),
    [("A.MRC", "mrc"), ("a.rec.gz", "mrc"), ("a.ome.tiff", "tiff"), ("a.nii.gz", "nifti"), ("a.npz", "numpy")],
)
def test_the_longest_ending_decides(name: str, expected: str) -> None:
    assert format_of(Path(name)).name == expected


def test_names_are_unique() -> None:
    names = [form.name for form in formats()]
    assert len(names) == len(set(names))


def test_sources_and_names(distinct: np.ndarray, tmp_path: Path) -> None:
    np.save(tmp_path / "cell.v2.npy", distinct)
    volume = open_volume(str(tmp_path / "cell.v2.npy"))
    assert volume.name == "cell.v2"
    assert volume.sources == (tmp_path / "cell.v2.npy",)


def test_channels_joined_by_plus(distinct: np.ndarray, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", distinct)
    np.save(tmp_path / "b+c.npy", distinct + 1)
    joined = f"{tmp_path / 'a.npy'}+{tmp_path / 'b+c.npy'}"
    volume = open_channels(joined)
    assert [int(channel[0, 0, 0]) for channel in volume.channels] == [0, 1]
    assert [source.name for source in volume.sources] == ["a.npy", "b+c.npy"]
    assert len(open_channels(str(tmp_path / "b+c.npy")).channels) == 1
    with pytest.raises(InputError, match=r"gone\.npy does not exist"):
        open_channels(f"{tmp_path / 'gone.npy'}+{tmp_path / 'a.npy'}")
    with pytest.raises(InputError, match="empty"):
        open_channels(f"{tmp_path / 'a.npy'}+")


@pytest.mark.parametrize(
    ("name", "format_name", "expected"),
    [
        ("a.mrc", None, "a.mrc"),
        ("a.mrc", "mrc", "a.mrc"),
        ("a.rec", "mrc", "a.rec"),
        ("a", "mrc", "a.mrc"),
        ("level.8", "tiff", "level.8.tif"),
        ("a", "nifti", "a.nii.gz"),
        ("a", "ome-zarr", "a.zarr"),
        ("a.ome.zarr", "ome-zarr", "a.ome.zarr"),
    ],
)
def test_destinations(name: str, format_name: str | None, expected: str) -> None:
    path, _ = label_destination(Path(name), format_name)
    assert path.name == expected


@pytest.mark.parametrize(
    ("name", "format_name", "match"),
    [
        ("a.tif", "mrc", r"a\.tif does not fit the format mrc"),
        ("a.mrc.gz", "mrc", r"a\.mrc\.gz does not fit"),
        ("a.mrc.gz", None, r"a\.mrc\.gz; let the name end in \.mrc"),
        ("a.npy", None, "cannot be written"),
        ("a", None, "cannot be written"),
        ("a", "numpy", "choose one of mrc, tiff, nifti, hdf5, ome-zarr"),
        ("a", "docx", "choose one of"),
    ],
)
def test_contradictions(name: str, format_name: str | None, match: str, labels: LabelImage, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=match):
        write_labels(tmp_path / name, labels, format_name)
    assert list(tmp_path.iterdir()) == []


def test_importing_the_registry_loads_no_library() -> None:
    script = (
        "import sys, napari_hypseg.io; "
        "print([m for m in ('torch', 'zarr', 'nibabel', 'mrcfile', 'tifffile', 'napari', 'qtpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_a_format_is_imported_when_it_is_first_used() -> None:
    script = (
        "import sys, napari_hypseg.io; "
        "print([m for m in sys.modules if m.startswith('napari_hypseg.io.') and m.endswith(('.reader', '.writer'))])"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
