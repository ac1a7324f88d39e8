"""Files that promise too little, too much or nonsense: one sentence, no memory, no scratch left behind."""

import gzip
import io
import json
import os
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import nibabel
import numpy as np
import pytest
import tifffile
import zarr

from napari_hypseg.errors import InputError
from napari_hypseg.io import open_volume

VOLUME = np.arange(5 * 6 * 7, dtype=np.int16).reshape(5, 6, 7)
BOMB = bytes(2**26)


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def refused(path: Path, word: str = ".") -> str:
    with pytest.raises(InputError, match=word) as caught:
        open_volume(path)
    text = str(caught.value)
    assert path.name in text
    assert "\n" not in text
    return text


def npy_bytes(header: str, data: bytes = b"") -> bytes:
    text = header.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


def header(shape: str = "(5, 6, 7)", descr: str = "'<i2'") -> str:
    return f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}"


def member(path: Path, content: bytes, **options: int) -> Path:
    with zipfile.ZipFile(path, "w", **options) as archive:
        archive.writestr("a.npy", content)
    return path


def nifti_bytes(**fields: object) -> bytes:
    made = nibabel.Nifti1Header()
    made.set_data_shape((7, 6, 5))
    made.set_data_dtype(np.int16)
    made["magic"], made["vox_offset"] = b"n+1", 352
    for name, value in fields.items():
        made[name] = value
    return made.binaryblock + bytes(4) + VOLUME.tobytes()


@pytest.mark.parametrize("pack", ["gz", "plain"])
def test_a_map_that_unpacks_to_more_than_it_promises(pack: str, tmp_path: Path, write_mrc, scratch: Path) -> None:
    raw = write_mrc(VOLUME).read_bytes() + BOMB
    path = tmp_path / "a.mrc.gz"
    path.write_bytes(gzip.compress(raw) if pack == "gz" else raw)
    if pack == "gz":
        refused(path, "unpacks to far more")
    else:
        np.testing.assert_array_equal(open_volume(path).channels[0][:], VOLUME)
    assert not list(scratch.iterdir())


def test_a_nifti_that_unpacks_to_more_than_it_promises(tmp_path: Path, scratch: Path) -> None:
    path = tmp_path / "a.nii.gz"
    path.write_bytes(gzip.compress(nifti_bytes() + BOMB))
    refused(path, "unpacks to far more")
    path.write_bytes(gzip.compress(nifti_bytes(vox_offset=float(2**31)) + BOMB + BOMB))
    refused(path, "NIfTI volume|unpacks|cut short")
    assert not list(scratch.iterdir())


def test_an_extended_header_of_gigabytes(tmp_path: Path, write_mrc) -> None:
    path = write_mrc(VOLUME, nsymbt=2**31 - 1)
    with path.open("r+b") as file:
        file.truncate(2000)
    refused(path, "cut short")


def test_an_archive_that_unpacks_to_more_than_it_promises(tmp_path: Path, scratch: Path) -> None:
    content = npy_bytes(header(), VOLUME.tobytes() + BOMB)
    refused(member(tmp_path / "a.npz", content, compression=zipfile.ZIP_DEFLATED), "unpacks to far more")
    assert not list(scratch.iterdir())


def test_an_archive_whose_header_is_gigabytes_long(tmp_path: Path) -> None:
    content = b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**32 - 1) + BOMB
    refused(member(tmp_path / "a.npz", content, compression=zipfile.ZIP_DEFLATED), "header is far too long")


def test_an_archive_packed_as_numpy_does_not(tmp_path: Path) -> None:
    content = npy_bytes(header(), VOLUME.tobytes())
    refused(member(tmp_path / "a.npz", content, compression=zipfile.ZIP_LZMA), "compressed as NumPy does not")


def test_a_strip_that_unpacks_to_more_than_its_section(tmp_path: Path, scratch: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, VOLUME, compression="zlib", photometric="minisblack")
    strip = zlib.compress(BOMB)
    with tifffile.TiffFile(path) as file:
        first = file.pages.first
        tags = [first.tags[name] for name in ("StripOffsets", "StripByteCounts")]
        places = [tag.valueoffset for tag in tags]
        sizes = [{3: "<H", 4: "<I", 16: "<Q"}[int(tag.dtype)] for tag in tags]
    raw = bytearray(path.read_bytes())
    for place, size, value in zip(places, sizes, (len(raw), min(len(strip), 65535)), strict=True):
        struct.pack_into(size, raw, place, value)
    path.write_bytes(bytes(raw) + strip)
    peak = _peak_of(lambda: refused(path) if _raises(path) else open_volume(path))
    assert peak < 2**25
    assert not list(scratch.iterdir())


@pytest.mark.parametrize("bigtiff", [True, False])
def test_pages_that_lead_round_in_a_circle(bigtiff: bool, tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, VOLUME, photometric="minisblack", bigtiff=bigtiff, metadata=None)
    with tifffile.TiffFile(path) as file:
        first, last = file.pages[0], file.pages[-1]
        end = last.offset + file.tiff.tagnosize + len(last.tags) * file.tiff.tagsize
        start = struct.pack(file.tiff.offsetformat, first.offset)
    raw = bytearray(path.read_bytes())
    raw[end : end + len(start)] = start
    path.write_bytes(raw)
    refused(path, "round in a circle")


def test_the_library_says_nothing_beside_our_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    tifffile.imwrite(path, VOLUME, ome=True, photometric="minisblack", metadata={"axes": "ZYX"})
    path.write_bytes(path.read_bytes().replace(b"<?xml version", b"<?xml <<<<<<<"))
    script = "import sys; from napari_hypseg.io import open_volume; open_volume(sys.argv[1])"
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False)
    assert "InputError" in done.stderr
    assert "<tifffile" not in done.stderr


def _raises(path: Path) -> bool:
    try:
        open_volume(path)
    except InputError:
        return True
    return False


def _peak_of(action) -> int:
    import tracemalloc

    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


BROKEN_HEADERS = [
    "{'descr': '<i2', 'fortran_order': False, 'shape': (5, 6, 7",
    header(shape="(" * 90),
    header(shape="(-5, 6, 7)"),
    header(shape="(5, 6, 7.5)"),
    header(shape="(10**9, 6, 7)"),
    header(shape="(9999999999, 9999999999, 9999999999)"),
    header(descr="'<i99'"),
    header(descr="'|O'"),
    header(descr="[('a', '<i2')]"),
    "\x00" * 50,
    "{'descr': '<i2L', 'shape': (5L, 6, 7)",
]


@pytest.mark.filterwarnings("ignore:Reading")
@pytest.mark.parametrize("text", BROKEN_HEADERS)
def test_broken_headers_of_numpy(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(npy_bytes(text, VOLUME.tobytes()))
    refused(tmp_path / "a.npy")
    refused(member(tmp_path / "a.npz", npy_bytes(text, VOLUME.tobytes())))


def test_broken_archives(tmp_path: Path) -> None:
    made = io.BytesIO()
    np.savez_compressed(made, np.random.default_rng(0).normal(size=(5, 60, 70)))
    raw, path = made.getvalue(), tmp_path / "a.npz"
    rng = np.random.default_rng(1)
    for _ in range(200):
        damaged = bytearray(raw)
        for place in rng.integers(len(raw), size=3):
            damaged[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        try:
            np.asarray(open_volume(path).channels[0][:])
        except InputError as error:
            assert "a.npz" in str(error)  # noqa: PT017 - either outcome will do


@pytest.mark.parametrize("shape", [(-7, 6, 5), (7, 6, -5), (0, 6, 5), (32767, 32767, 32767)])
def test_nifti_grids_that_no_volume_has(shape: tuple[int, int, int], tmp_path: Path) -> None:
    (tmp_path / "a.nii").write_bytes(nifti_bytes(dim=[3, *shape, 1, 1, 1, 1]))
    refused(tmp_path / "a.nii")
    (tmp_path / "a.nii.gz").write_bytes(gzip.compress(nifti_bytes(dim=[3, *shape, 1, 1, 1, 1])))
    refused(tmp_path / "a.nii.gz")


@pytest.mark.parametrize("code", range(0, 256, 3))
def test_nifti_units_nobody_knows(code: int, tmp_path: Path) -> None:
    (tmp_path / "a.nii").write_bytes(nifti_bytes(xyzt_units=code))
    try:
        assert open_volume(tmp_path / "a.nii").unit
    except InputError as error:
        assert "a.nii" in str(error)  # noqa: PT017 - either outcome will do


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan, 1e30])
def test_origins_that_cannot_be(value: float, tmp_path: Path) -> None:
    fields = {"sform_code": 1, "srow_x": [1, 0, 0, value], "srow_y": [0, 1, 0, 0], "srow_z": [0, 0, 1, 0]}
    (tmp_path / "a.nii").write_bytes(nifti_bytes(**fields, pixdim=[1, 1, 1, 1, 0, 0, 0, 0]))
    group = zarr.create_group(tmp_path / "a.zarr")
    group.create_array("0", data=VOLUME)
    steps = [{"type": "scale", "scale": [1, 1, 1]}, {"type": "translation", "translation": [0, 0, value]}]
    axes = [{"name": name, "type": "space", "unit": "nanometer"} for name in "zyx"]
    image = {"axes": axes, "datasets": [{"path": "0", "coordinateTransformations": steps}]}
    record = json.loads((tmp_path / "a.zarr/zarr.json").read_text())
    record["attributes"] = {"ome": {"version": "0.5", "multiscales": [image]}}
    (tmp_path / "a.zarr/zarr.json").write_text(json.dumps(record))
    for name in ("a.nii", "a.zarr"):
        try:
            volume = open_volume(tmp_path / name)
        except InputError as error:
            assert name in str(error)  # noqa: PT017 - either outcome will do
        else:
            assert np.abs(volume.origin).max() < 10
            assert volume.notes


def test_text_nested_without_end(tmp_path: Path) -> None:
    deep = "[" * 100_000
    (tmp_path / "a.zarr").mkdir()
    (tmp_path / "a.zarr/zarr.json").write_text(deep)
    refused(tmp_path / "a.zarr", "nested too deeply|not JSON")
    text = deep.encode()
    extension = struct.pack("<2i", -(-(len(text) + 8) // 16) * 16, 6) + text
    raw = bytearray(nifti_bytes(vox_offset=float(352 + len(extension) + (-len(extension)) % 16)))
    raw[348:352] = b"\1\0\0\0"
    padded = extension.ljust(-(-len(extension) // 16) * 16, b"\0")
    (tmp_path / "a.nii").write_bytes(bytes(raw[:352]) + padded + VOLUME.tobytes())
    assert open_volume(tmp_path / "a.nii").metadata.get("names") is None


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", VOLUME)
    (tmp_path / "a.npy").chmod(0)
    assert "may not be read" in refused(tmp_path / "a.npy")


def test_a_refused_permission_is_called_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    np.save(tmp_path / "a.npy", VOLUME)
    monkeypatch.setattr("napari_hypseg.io.numpy.npy.read_npy_header", refuse)
    assert "may not be read" in refused(tmp_path / "a.npy")


def test_a_folder_that_may_not_be_entered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "exists", refuse)
    assert "may not be read" in refused(tmp_path / "a.npy")
