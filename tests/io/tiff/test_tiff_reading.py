"""TIFF: ImageJ, OME and plain stacks, their channels, their voxel sizes, and how they are held."""

from pathlib import Path

import numpy as np
import pytest
import tifffile

from napari_hypseg.errors import InputError
from napari_hypseg.io import open_volume
from napari_hypseg.io.file_array import FileArray
from napari_hypseg.volumes.units import parse_unit


@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}, {"byteorder": ">"}, {"bigtiff": True}])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.float32])
def test_plain_stacks(options: dict[str, object], dtype: type, distinct: np.ndarray, tmp_path: Path) -> None:
    data = distinct.astype(dtype)
    tifffile.imwrite(tmp_path / "a.tif", data, photometric="minisblack", **options)
    volume = open_volume(tmp_path / "a.tif")
    np.testing.assert_array_equal(np.asarray(volume.channels[0]), data)
    assert volume.channels[0].dtype == dtype
    assert (volume.voxel_size, volume.unit) == ((1.0, 1.0, 1.0), "pixel")


def test_contiguous_stacks_are_mapped_and_others_unpacked(distinct: np.ndarray, tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "plain.tif", distinct, photometric="minisblack")
    tifffile.imwrite(tmp_path / "packed.tif", distinct, photometric="minisblack", compression="zlib")
    plain = open_volume(tmp_path / "plain.tif").channels[0]
    packed = open_volume(tmp_path / "packed.tif").channels[0]
    assert isinstance(plain, FileArray)
    assert isinstance(packed, FileArray)
    assert plain.path == tmp_path / "plain.tif"
    assert packed.path.parent != tmp_path
    kept = packed.path
    del packed
    assert not kept.exists()


@pytest.mark.parametrize("unit", ["micron", "um", "µm", "\\u00B5m"])
def test_imagej_size_and_its_spellings_of_micrometre(unit: str, distinct: np.ndarray, tmp_path: Path) -> None:
    text = f"ImageJ=1.53t\nimages=5\nslices=5\nunit={unit}\nspacing=3.0\nloop=false\n".encode()
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        for section in distinct:
            file.write(section, resolution=(1 / 1.5, 1 / 2), resolutionunit="NONE", description=text, metadata=None)
            text = None
    volume = open_volume(tmp_path / "a.tif")
    np.testing.assert_allclose(volume.voxel_size, (3.0, 2.0, 1.5), rtol=1e-6)
    assert volume.unit == "micrometer"
    assert volume.shape == (5, 6, 7)


def test_ome_size(distinct: np.ndarray, tmp_path: Path) -> None:
    metadata = {"axes": "ZYX", "PhysicalSizeX": 15.0, "PhysicalSizeXUnit": "Å", "PhysicalSizeY": 2.0}
    metadata |= {"PhysicalSizeYUnit": "nm", "PhysicalSizeZ": 0.003, "PhysicalSizeZUnit": "µm"}
    tifffile.imwrite(tmp_path / "a.ome.tif", distinct, photometric="minisblack", metadata=metadata)
    volume = open_volume(tmp_path / "a.ome.tif")
    np.testing.assert_allclose(volume.voxel_size, (30.0, 20.0, 15.0))
    assert (volume.unit, volume.name) == ("angstrom", "a")


@pytest.mark.parametrize("unit", ["nm", "Å", "pm"])
def test_ome_without_a_size_along_z_takes_the_number_and_the_unit_of_x(
    unit: str, distinct: np.ndarray, tmp_path: Path
) -> None:
    sizes = {f"PhysicalSize{axis}{key}": value for axis in "XY" for key, value in (("", 2.0), ("Unit", unit))}
    tifffile.imwrite(tmp_path / "a.ome.tif", distinct, photometric="minisblack", metadata={"axes": "ZYX"} | sizes)
    volume = open_volume(tmp_path / "a.ome.tif")
    assert volume.voxel_size == (2.0, 2.0, 2.0)
    assert volume.unit == parse_unit(unit)
    assert "along z" in volume.notes[0]


def test_ome_sizes_in_pixels_keep_their_ratio(distinct: np.ndarray, tmp_path: Path) -> None:
    sizes = {f"PhysicalSize{axis}Unit": "pixel" for axis in "XYZ"} | {"PhysicalSizeX": 1, "PhysicalSizeY": 1}
    metadata = {"axes": "ZYX", "PhysicalSizeZ": 4} | sizes
    tifffile.imwrite(tmp_path / "a.ome.tif", distinct, photometric="minisblack", metadata=metadata)
    volume = open_volume(tmp_path / "a.ome.tif")
    assert (volume.voxel_size, volume.unit) == ((4.0, 1.0, 1.0), "pixel")


def test_resolution_of_print_is_no_voxel_size(distinct: np.ndarray, tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", distinct, photometric="minisblack", resolution=(72, 72), resolutionunit="INCH")
    volume = open_volume(tmp_path / "a.tif")
    assert (volume.voxel_size, volume.unit) == ((1.0, 1.0, 1.0), "pixel")
    assert "a.tif" in volume.notes[0]


@pytest.mark.parametrize(("kind", "axes"), [("imagej", "ZCYX"), ("ome", "ZCYX"), ("ome", "CZYX")])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_channels(kind: str, axes: str, compression: str | None, distinct: np.ndarray, tmp_path: Path) -> None:
    channels = np.stack([distinct, distinct + 1000])
    data = channels if axes[0] == "C" else channels.swapaxes(0, 1)
    tifffile.imwrite(
        tmp_path / "a.tif",
        np.ascontiguousarray(data),
        photometric="minisblack",
        compression=compression,
        metadata={"axes": axes},
        **{kind: True},
    )
    volume = open_volume(tmp_path / "a.tif")
    assert len(volume.channels) == 2
    for channel, expected in zip(volume.channels, channels, strict=True):
        np.testing.assert_array_equal(np.asarray(channel), expected)


def test_sections_saved_as_separate_images(distinct: np.ndarray, tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        for section in distinct:
            file.write(section, photometric="minisblack")
    np.testing.assert_array_equal(np.asarray(open_volume(tmp_path / "a.tif").channels[0]), distinct)


def test_bool_is_read_as_bytes(distinct: np.ndarray, tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", distinct % 2 == 1, photometric="minisblack")
    channel = open_volume(tmp_path / "a.tif").channels[0]
    assert channel.dtype == np.uint8
    np.testing.assert_array_equal(np.asarray(channel), distinct % 2)


@pytest.mark.parametrize("compression", ["lzw", "zstd", "packbits", "lzma", "jpeg", "zlib"])
def test_compressed_stacks_are_unpacked(compression: str, tmp_path: Path) -> None:
    data = (np.indices((3, 16, 24)).sum(0) * 4).astype(np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", data, photometric="minisblack", compression=compression)
    read = np.asarray(open_volume(tmp_path / "a.tif").channels[0]).astype(int)
    assert np.abs(read - data).max() <= (3 if compression == "jpeg" else 0)


def test_a_compression_nobody_knows_is_refused_at_opening(distinct: np.ndarray, tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", distinct, photometric="minisblack", compression="zlib")
    with tifffile.TiffFile(tmp_path / "a.tif", mode="r+") as file:
        for page in file.pages:
            page.tags["Compression"].overwrite(34712 + 11)
    with pytest.raises(InputError, match=r"a\.tif .*cannot be"):
        open_volume(tmp_path / "a.tif")


def _imagej_text(**fields: object) -> bytes:
    lines = {"images": 5, "slices": 5, "unit": "nm", "spacing": 1.0} | fields
    return ("ImageJ=1.53t\n" + "".join(f"{key}={value}\n" for key, value in lines.items())).encode()


def _write_sections(path: Path, data: np.ndarray, text: bytes | None = None, **options: object) -> None:
    with tifffile.TiffWriter(path) as file:
        for section in data:
            file.write(section, description=text, metadata=None, **options)
            text = None


def test_signed_integers_of_imagej(distinct: np.ndarray, tmp_path: Path) -> None:
    signed = distinct.astype(np.int16) - 100
    text = _imagej_text(cf=0, c0=-32768.0, c1=1.0, vunit="Gray Value")
    stored = (signed.astype(np.int32) + 32768).astype(np.uint16)
    _write_sections(tmp_path / "a.tif", stored, text, photometric="minisblack")
    volume = open_volume(tmp_path / "a.tif")
    assert volume.channels[0].dtype == np.int16
    np.testing.assert_array_equal(np.asarray(volume.channels[0]), signed)
    assert volume.notes == ()


@pytest.mark.parametrize("stored", [np.uint8, np.uint16])
def test_straight_calibrations_of_imagej(stored: type, distinct: np.ndarray, tmp_path: Path) -> None:
    text = _imagej_text(cf=0, c0=-1.5, c1=0.25)
    _write_sections(tmp_path / "a.tif", distinct.astype(stored), text, photometric="minisblack")
    channel = open_volume(tmp_path / "a.tif").channels[0]
    assert channel.dtype == np.float32
    np.testing.assert_allclose(np.asarray(channel), distinct * 0.25 - 1.5)


def test_other_calibrations_are_left_and_said(distinct: np.ndarray, tmp_path: Path) -> None:
    text = _imagej_text(cf=4, c0=1.0, c1=0.5)
    _write_sections(tmp_path / "a.tif", distinct, text, photometric="minisblack")
    volume = open_volume(tmp_path / "a.tif")
    np.testing.assert_array_equal(np.asarray(volume.channels[0]), distinct)
    assert "calibration" in volume.notes[0]


@pytest.mark.parametrize("dtype", [np.bool_, np.uint8, np.uint16, np.int16])
def test_white_stored_as_zero_is_bright(dtype: type, tmp_path: Path) -> None:
    white = np.zeros((4, 8, 16), np.bool_)
    white[1:3, 2:6, 4:12] = True
    stored = ~white if dtype is np.bool_ else np.where(white, 0, 200).astype(dtype)
    _write_sections(tmp_path / "a.tif", stored, photometric="miniswhite")
    read = np.asarray(open_volume(tmp_path / "a.tif").channels[0]).astype(int)
    assert read[white].min() > read[~white].max()
    if dtype is not np.int16:
        np.testing.assert_array_equal(read[white], 1 if dtype is np.bool_ else np.iinfo(dtype).max)
    if dtype is np.bool_:
        np.testing.assert_array_equal(read > 0, white)


def test_masks_drawn_inverted_by_imagej_keep_their_values(tmp_path: Path) -> None:
    mask = np.zeros((5, 8, 16), np.uint8)
    mask[1:3, 2:6, 4:12] = 255
    _write_sections(tmp_path / "a.tif", mask, _imagej_text(), photometric="miniswhite")
    volume = open_volume(tmp_path / "a.tif")
    np.testing.assert_array_equal(np.asarray(volume.channels[0]), mask)
    assert "inverted" in volume.notes[0]
