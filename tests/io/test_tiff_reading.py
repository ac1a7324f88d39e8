"""TIFF: ImageJ, OME and plain stacks, their channels, their voxel sizes, and how they are held."""

from pathlib import Path

import numpy as np
import pytest
import tifffile

from napari_hypseg.errors import InputError
from napari_hypseg.io import open_volume
from napari_hypseg.io.file_array import FileArray


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


def test_unknown_compression_says_what_to_do(
    distinct: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tifffile.imwrite(tmp_path / "a.tif", distinct, photometric="minisblack", compression="zlib")

    def refuse(*_: object, **__: object) -> None:
        raise ValueError("<COMPRESSION.LZW: 5> requires the 'imagecodecs' package")

    monkeypatch.setattr(tifffile.TiffPage, "asarray", refuse)
    with pytest.raises(InputError, match=r"a\.tif is compressed in a way"):
        open_volume(tmp_path / "a.tif")
