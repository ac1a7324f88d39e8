"""MRC maps: modes, byte orders, headers that lie, and what is no volume."""

import bz2
import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from napari_hypseg.errors import InputError
from napari_hypseg.io import open_volume

IMOD_STAMP = 1146047817


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.float32, np.uint16, np.float16])
def test_modes(dtype: type, write_mrc: Callable[..., Path], distinct: np.ndarray) -> None:
    data = (distinct % 120).astype(dtype)
    volume = open_volume(write_mrc(data, size=(1.5, 2.0, 3.0)))
    assert volume.channels[0].dtype == dtype
    np.testing.assert_array_equal(np.asarray(volume.channels[0]), data)
    assert (volume.voxel_size, volume.unit) == ((3.0, 2.0, 1.5), "angstrom")


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_compressed_maps_equal_plain_ones(
    pack: Callable[[bytes], bytes], write_mrc: Callable[..., Path], distinct: np.ndarray
) -> None:
    plain = write_mrc(distinct)
    packed = plain.with_name("map.rec.gz" if pack is gzip.compress else "map.rec.bz2")
    packed.write_bytes(pack(plain.read_bytes()))
    volume = open_volume(packed)
    np.testing.assert_array_equal(np.asarray(volume.channels[0]), distinct)
    assert volume.name == "map"
    assert volume.fingerprint == open_volume(plain).fingerprint


def test_big_endian_maps(write_mrc: Callable[..., Path], distinct: np.ndarray) -> None:
    path = write_mrc(distinct.astype(np.float32))
    raw = path.read_bytes()
    words = np.frombuffer(raw, "<u4").astype(">u4").tobytes()  # header and voxels are words of four bytes
    text = slice(208, 212)
    path.write_bytes(words[:208] + raw[text] + b"\x11\x11\0\0" + words[216:])
    volume = open_volume(path)
    assert volume.channels[0].dtype == np.dtype(np.float32)
    assert volume.channels[0].dtype.isnative
    np.testing.assert_array_equal(np.asarray(volume.channels[0]), distinct)


@pytest.mark.parametrize(
    ("mapid", "stamp"), [(bytes(4), bytes(4)), (b"MAP ", bytes(4)), (b"MAP ", b"DD\0\0"), (b"MAP ", b"\x11\x11\0\0")]
)
@pytest.mark.parametrize("shape", [(10, 14, 18), (2, 256, 512)], ids=str)
def test_the_grid_tells_the_byte_order_of_bytes(
    shape: tuple[int, int, int], mapid: bytes, stamp: bytes, tmp_path: Path
) -> None:
    """Mode 0 is the same in both orders; 256 columns read in the wrong one are 65 536, which is not absurd."""
    data = np.random.default_rng(0).integers(0, 200, shape).astype(np.uint8)
    raw = bytearray(1024)
    raw[:40] = np.array([*shape[::-1], 0, 0, 0, 0, *shape[::-1]], ">i4").tobytes()
    raw[40:64] = np.array([10.0 * n for n in shape[::-1]] + [90.0] * 3, ">f4").tobytes()
    raw[64:76], raw[76:88] = np.array([1, 2, 3], ">i4").tobytes(), np.array([0, 199, 100], ">f4").tobytes()
    raw[208:212], raw[212:216] = mapid, stamp
    (tmp_path / "a.mrc").write_bytes(bytes(raw) + data.tobytes())
    volume = open_volume(tmp_path / "a.mrc")
    assert (volume.shape, volume.voxel_size) == (shape, (10.0, 10.0, 10.0))
    np.testing.assert_array_equal(np.asarray(volume.channels[0]), data)


def test_an_extended_header_that_was_left_out(write_mrc: Callable[..., Path], distinct: np.ndarray) -> None:
    path = write_mrc(distinct)
    raw = bytearray(path.read_bytes())
    raw[92:96] = np.array([49920], "<i4").tobytes()
    path.write_bytes(raw)
    volume = open_volume(path)
    np.testing.assert_array_equal(np.asarray(volume.channels[0]), distinct)
    assert any("extended header of 49920 bytes" in note for note in volume.notes)
    path.write_bytes(raw[:-2])
    with pytest.raises(InputError, match="cut short"):
        open_volume(path)


def test_extended_header_is_skipped(write_mrc: Callable[..., Path], distinct: np.ndarray) -> None:
    path = write_mrc(distinct)
    raw = bytearray(path.read_bytes())
    raw[92:96] = np.array([160], "<i4").tobytes()
    path.write_bytes(raw[:1024] + bytes(160) + raw[1024:])
    np.testing.assert_array_equal(np.asarray(open_volume(path).channels[0]), distinct)


def test_old_style_header_is_read_and_noted(write_mrc: Callable[..., Path], distinct: np.ndarray) -> None:
    path = write_mrc(distinct)
    raw = bytearray(path.read_bytes())
    raw[208:216] = bytes(8)
    path.write_bytes(raw)
    volume = open_volume(path)
    np.testing.assert_array_equal(np.asarray(volume.channels[0]), distinct)
    assert any("old-style" in note and "map.mrc" in note for note in volume.notes)


@pytest.mark.parametrize(
    ("stamp", "flags", "maximum", "signed"),
    [(IMOD_STAMP, 0, 100, False), (IMOD_STAMP, 1, 250, True), (0, 0, 250, False), (0, 0, 100, True), (0, 1, 100, True)],
)
def test_which_way_bytes_are_signed(
    stamp: int, flags: int, maximum: float, signed: bool, write_mrc: Callable[..., Path]
) -> None:
    data = np.full((3, 4, 5), -56, np.int8)  # 200 as an unsigned byte
    path = write_mrc(data, dmin=0.0, dmax=maximum)
    raw = bytearray(path.read_bytes())
    raw[152:160] = np.array([stamp, flags], "<i4").tobytes()
    path.write_bytes(raw)
    assert open_volume(path).channels[0][0, 0, 0] == (-56 if signed else 200)


def test_axes_in_another_order_are_turned(write_mrc: Callable[..., Path], distinct: np.ndarray) -> None:
    """Columns along z, rows along x, sections along y, as crystallography likes it."""
    path = write_mrc(distinct, size=(1.5, 2.0, 3.0), mapc=3, mapr=1, maps=2, mx=6, my=5, mz=7)
    raw = bytearray(path.read_bytes())
    raw[40:52] = np.array([6 * 1.5, 5 * 2.0, 7 * 3.0], "<f4").tobytes()
    raw[16:28] = np.array([10, 20, 30], "<i4").tobytes()  # starts of column (z), row (x), section (y)
    path.write_bytes(raw)
    volume = open_volume(path)
    np.testing.assert_array_equal(np.asarray(volume.channels[0]), distinct.transpose(2, 0, 1))
    assert volume.voxel_size == (3.0, 2.0, 1.5)
    assert volume.origin == (10 * 3.0, 30 * 2.0, 20 * 1.5)
    assert any("z, y, x" in note for note in volume.notes)


def test_origin_field_goes_before_the_start(write_mrc: Callable[..., Path], distinct: np.ndarray) -> None:
    path = write_mrc(distinct, size=2.0, nxstart=1, nystart=2, nzstart=3)
    assert open_volume(path).origin == (6.0, 4.0, 2.0)
    path = write_mrc(distinct, size=2.0, nxstart=1, origin=(7.0, 8.0, 9.0))
    assert open_volume(path).origin == (9.0, 8.0, 7.0)


@pytest.mark.parametrize(("flags", "version", "sign"), [(0, 0, -1), (4, 0, 1), (0, 20140, 1)])
def test_origin_of_early_imod_has_its_sign_turned(
    flags: int, version: int, sign: int, write_mrc: Callable[..., Path], distinct: np.ndarray
) -> None:
    path = write_mrc(distinct, origin=(7.0, 8.0, 9.0), nversion=version)
    raw = bytearray(path.read_bytes())
    raw[152:160] = np.array([IMOD_STAMP, flags], "<i4").tobytes()
    path.write_bytes(raw)
    assert open_volume(path).origin == (sign * 9.0, sign * 8.0, sign * 7.0)


@pytest.mark.parametrize("size", [0.0, -3.0, np.nan, np.inf, 1e-5, 1e9, (0.0, 10.0, 10.0), (1.0, 1.0, 5000.0)])
def test_impossible_voxel_size_is_replaced_and_noted(
    size: object, write_mrc: Callable[..., Path], distinct: np.ndarray
) -> None:
    volume = open_volume(write_mrc(distinct, size=size))
    assert (volume.voxel_size, volume.unit) == ((1.0, 1.0, 1.0), "pixel")
    (note,) = volume.notes
    assert "map.mrc" in note
    assert "correct" in note


def test_one_angstrom_is_pointed_out(write_mrc: Callable[..., Path], distinct: np.ndarray) -> None:
    volume = open_volume(write_mrc(distinct, size=1.0))
    assert (volume.voxel_size, volume.unit) == ((1.0, 1.0, 1.0), "angstrom")
    assert any("1 Å" in note for note in volume.notes)
    assert open_volume(write_mrc(distinct, size=2.0)).notes == ()


def test_stack_of_volumes_is_refused(write_mrc: Callable[..., Path], distinct: np.ndarray) -> None:
    path = write_mrc(np.concatenate([distinct, distinct]), ispg=401, mz=5)
    with pytest.raises(InputError, match=r"map\.mrc is a 4-D stack \(2 × 5 × 6 × 7\)"):
        open_volume(path)


def test_tilt_series_opens_as_a_volume(write_mrc: Callable[..., Path], distinct: np.ndarray) -> None:
    path = write_mrc(distinct, name="tilts.st", ispg=0, mz=1)
    assert open_volume(path).shape == (5, 6, 7)
