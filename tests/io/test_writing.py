"""What is cropped and saved opens again with the same voxels at the same place in the world."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from napari_hypseg.errors import InputError, OutputError, SettingError
from napari_hypseg.io import (
    open_channels,  # fmt: skip
    open_volume,
    volume_destinations,
    write_labels,
    write_volume,
    write_volume_job,
)
from napari_hypseg.io.hdf5 import probe
from napari_hypseg.io.label_image import LabelImage
from napari_hypseg.jobs import Notice, Progress, drive
from napari_hypseg.volumes import Box, Volume, join_channels
from napari_hypseg.volumes.units import METERS

BOX = Box((1, 2, 3), (4, 6, 7))
PLACED = (".mrc", ".rec", ".tif", ".tiff", ".nii.gz", ".nii", ".h5", ".hdf5", ".zarr", ".ome.zarr")
NAMES = ("crop.mrc", "crop.tif", "crop.nii", "crop.nii.gz", "crop.npy", "crop.h5", "crop.zarr")


@pytest.fixture(autouse=True)
def validated_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """HDF5 files of these tests are sound, so that no other process has to validate them."""
    monkeypatch.setattr(probe, "_failure", lambda path, name, *_: probe.probe(path, name) or "")


@pytest.fixture
def volume(distinct: np.ndarray) -> Volume:
    return Volume((distinct,), (3.0, 2.0, 1.5), "nanometer", (10.0, -20.0, 30.5), name="cell")


def meters(lengths: tuple[float, ...], unit: str) -> np.ndarray:
    return np.array(lengths) * METERS.get(unit, 1.0)


def saved(path: Path, volume: Volume, box: Box = BOX) -> tuple[Volume, list[object]]:
    """What was written, opened again, and what was yielded meanwhile."""
    events: list[object] = []
    paths = drive(write_volume_job(path, volume, box), events.append)
    return open_channels("+".join(map(str, paths))), events


def assert_in_place(crop: Volume, volume: Volume, box: Box = BOX) -> None:
    """Voxels, their size and the world positions of two opposite corners are those of the whole."""
    assert len(crop.channels) == len(volume.channels)
    for channel, whole in zip(crop.channels, volume.channels, strict=True):
        np.testing.assert_array_equal(np.asarray(channel[:]), np.asarray(whole[box.slices]))
    edge = meters(volume.voxel_size, volume.unit)
    np.testing.assert_allclose(meters(crop.voxel_size, crop.unit), edge, rtol=1e-6)
    assert (crop.unit in METERS) == (volume.unit in METERS)
    for corner in (np.zeros(3), np.array(box.shape) - 1):
        here = meters(crop.to_world(corner), crop.unit)
        there = meters(volume.to_world(corner + box.start), volume.unit)
        np.testing.assert_allclose(here, there, rtol=1e-6, atol=1e-4 * edge.min())


@pytest.mark.parametrize("ending", PLACED)
@pytest.mark.parametrize(
    ("size", "unit", "origin"),
    [
        ((3.0, 2.0, 1.5), "nanometer", (10.0, -20.0, 30.5)),
        ((13.68, 13.68, 13.68), "angstrom", (-6840.0, 0.0, 1e5)),
        ((0.8, 0.65, 0.65), "micrometer", (0.0, 0.0, 0.0)),
        ((5.0, 0.7, 0.7), "millimeter", (-812.5, -180.3, -175.9)),
        ((1.0, 1.0, 1.0), "pixel", (0.0, 0.0, 0.0)),
        ((1.0, 1.0, 1.0), "pixel", (4.0, -5.0, 6.0)),
        ((2.5, 1.0, 1.0), "pixel", (4.0, -5.0, 6.0)),
    ],
)
def test_crops_stay_in_place(
    ending: str, size: tuple[float, ...], unit: str, origin: tuple[float, ...], distinct: np.ndarray, tmp_path: Path
) -> None:
    volume = Volume((distinct,), size, unit, origin, name="cell")
    crop, events = saved(tmp_path / f"crop{ending}", volume)
    assert_in_place(crop, volume)
    assert crop.name == "crop"
    assert "labels" not in crop.metadata
    assert not any(isinstance(event, Notice) for event in events)


@pytest.mark.parametrize("name", ["again.mrc", "again.tif", "again.nii.gz", "again.h5", "again.zarr"])
@pytest.mark.parametrize("first", ["one.mrc", "one.tif", "one.nii", "one.zarr"])
def test_a_crop_of_a_crop_in_another_format(first: str, name: str, volume: Volume, tmp_path: Path) -> None:
    once, _ = saved(tmp_path / first, volume)
    twice, _ = saved(tmp_path / name, once, Box((1, 0, 1), (3, 3, 4)))
    assert_in_place(twice, volume, Box((2, 2, 4), (4, 5, 7)))


TYPES = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16", "float32", "float64")
KEPT_BY_MRC = ("int8", "int16", "uint16", "float16", "float32")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", TYPES)
def test_the_type_of_the_voxels_is_kept(name: str, dtype: str, distinct: np.ndarray, tmp_path: Path) -> None:
    data = (distinct.astype(np.int64) - (100 if dtype[0] != "u" else 0)).clip(-128, 127).astype(dtype)
    volume = Volume((data,), (2.0, 2.0, 2.0), "nanometer")
    crop, events = saved(tmp_path / name, volume)
    np.testing.assert_array_equal(np.asarray(crop.channels[0]), data[BOX.slices])
    kept = dtype
    if name.endswith(".mrc") and dtype not in KEPT_BY_MRC:
        kept = "int16" if dtype == "uint8" else "float32"
    if ".nii" in name and dtype == "float16":
        kept = "float32"
    assert crop.channels[0].dtype == np.dtype(kept)
    assert not any(isinstance(event, Notice) and "rounded" in event.message for event in events)


@pytest.mark.parametrize("dtype", ["bool", ">f4", ">u2"])
@pytest.mark.parametrize("name", NAMES)
def test_odd_types(name: str, dtype: str, distinct: np.ndarray, tmp_path: Path) -> None:
    data = (distinct % 2).astype(dtype)
    crop, _ = saved(tmp_path / name, Volume((data,)))
    np.testing.assert_array_equal(np.asarray(crop.channels[0]), data[BOX.slices])


@pytest.mark.parametrize(
    ("values", "rounded"),
    [
        (np.int32([2**24, -(2**24), 2**30]), False),
        (np.int32([2**24 + 1]), True),
        (np.uint32([2**32 - 1]), True),
        (np.float64([0.5, np.nan, -np.inf]), False),
        (np.float64([0.1]), True),
        (np.float64([1e300]), True),
    ],
)
def test_rounding_is_told(values: np.ndarray, rounded: bool, tmp_path: Path) -> None:
    data = np.zeros((3, 4, 5), values.dtype)
    data.flat[: len(values)] = values
    crop, events = saved(tmp_path / "a.mrc", Volume((data,)), Box.whole(data.shape))
    notices = [event.message for event in events if isinstance(event, Notice)]
    assert len(notices) == rounded
    assert all("a.mrc" in text and values.dtype.name in text and "float32" in text for text in notices)
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(np.asarray(crop.channels[0]), data.astype(np.float32))


@pytest.mark.parametrize("name", NAMES)
def test_nan_and_infinity_stay(name: str, tmp_path: Path) -> None:
    data = np.full((3, 4, 5), np.nan, np.float32)
    data[1, 2, 3:] = 7.5, -np.inf
    crop, _ = saved(tmp_path / name, Volume((data,)), Box.whole(data.shape))
    np.testing.assert_array_equal(np.asarray(crop.channels[0]), data)


def test_what_the_header_of_a_map_says_of_its_voxels(tmp_path: Path) -> None:
    import mrcfile

    data = np.random.default_rng(0).normal(1e4, 0.5, (70, 80, 90)).astype(np.float32)
    data[3] = np.nan
    (path,) = write_volume(tmp_path / "a.mrc", Volume((data,)), Box.whole(data.shape))
    with mrcfile.open(path) as file:
        header = file.header.copy()
    finite = data[np.isfinite(data)].astype(np.float64)
    found = [float(header[name]) for name in ("dmin", "dmax", "dmean", "rms")]
    np.testing.assert_allclose(found, [finite.min(), finite.max(), finite.mean(), finite.std()], rtol=1e-5)
    blank = np.full((3, 4, 5), np.nan, np.float32)
    (path,) = write_volume(tmp_path / "b.mrc", Volume((blank,)), Box.whole(blank.shape))
    with mrcfile.open(path) as file:
        header = file.header.copy()
    assert header.dmax < header.dmin
    assert header.dmean < min(header.dmin, header.dmax)
    assert header.rms < 0


@pytest.mark.parametrize("name", ["a.mrc", "a.nii.gz", "a.npy", "a.tif", "a.h5", "a.zarr"])
def test_channels(name: str, distinct: np.ndarray, tmp_path: Path) -> None:
    grey, dark = distinct, (distinct * 0.5).astype(np.float32)
    volume = Volume((grey, dark), (3.0, 2.0, 1.5), "nanometer", (10.0, -20.0, 30.5))
    together = name in ("a.tif", "a.h5", "a.zarr")
    targets, _ = volume_destinations(tmp_path / name, volume)
    assert [path.name for path in targets] == ([name] if together else [f"a-1{name[1:]}", f"a-2{name[1:]}"])
    crop, events = saved(tmp_path / name, volume)
    assert sorted(path.name for path in tmp_path.iterdir()) == [path.name for path in targets]
    progress = [event for event in events if isinstance(event, Progress)]
    assert progress[-1].fraction == 1.0
    assert [event.fraction for event in progress] == sorted(event.fraction for event in progress)
    if name == "a.npy":
        assert all(np.array_equal(a[:], b[BOX.slices]) for a, b in zip(crop.channels, volume.channels, strict=True))
        return
    assert_in_place(crop, volume)
    assert crop.channels[0].dtype == (np.float32 if together else np.uint16)


def test_an_array_file_says_that_its_place_is_lost(volume: Volume, tmp_path: Path) -> None:
    _, events = saved(tmp_path / "a.npy", volume)
    assert any(isinstance(event, Notice) and "no room for voxel size" in event.message for event in events)


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("name", NAMES)
def test_more_than_a_slab_and_a_chunk(name: str, count: int, tmp_path: Path) -> None:
    data = np.random.default_rng(0).normal(size=(75, 71, 14)).astype(np.float32)
    volume = Volume((data, -data)[:count])
    box = Box((2, 1, 3), (74, 69, 12))
    crop, events = saved(tmp_path / name, volume, box)
    for channel, whole in zip(crop.channels, volume.channels, strict=True):
        np.testing.assert_array_equal(np.asarray(channel), whole[box.slices])
    progress = [event for event in events if isinstance(event, Progress)]
    assert len(progress) > 1
    assert {event.stage for event in progress} == {"save"}


@pytest.mark.parametrize("name", NAMES)
def test_a_large_volume_is_never_in_memory(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in ("streaming.READ_BYTES", "streaming.WRITE_BYTES"):
        monkeypatch.setattr(f"napari_hypseg.io.{limit}", 2**12)
    read = []

    class Recording:
        shape, dtype = (300, 70, 90), np.dtype(np.int16)

        def __getitem__(self, index: tuple[slice, ...]) -> np.ndarray:
            made = np.zeros([len(range(*part.indices(n))) for part, n in zip(index, self.shape, strict=True)], np.int16)
            read.append(made.size)
            return made

    write_volume(tmp_path / name, Volume((Recording(),)), Box((0, 3, 4), (300, 67, 68)))
    assert sum(read) == 300 * 64 * 64
    assert max(read) <= 64 * 64 * 64


def test_a_tiff_beyond_four_gigabytes_is_a_big_one(
    volume: Volume, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("napari_hypseg.io.tiff.writer.BIG", 10)
    crop, _ = saved(tmp_path / "a.tif", volume)
    assert (tmp_path / "a.tif").read_bytes()[2] == 43
    assert_in_place(crop, volume)


def test_a_tiff_is_mapped_and_not_unpacked(volume: Volume, tmp_path: Path) -> None:
    crop, _ = saved(tmp_path / "a.tif", join_channels([volume, volume]))
    assert [channel.path for channel in crop.channels] == [tmp_path / "a.tif"] * 2


@pytest.mark.parametrize("source", ["a.mrc", "a.tif", "a.nii", "a.npy", "a.zarr"])
def test_the_volume_itself_is_never_written_over(source: str, volume: Volume, tmp_path: Path) -> None:
    (path,) = write_volume(tmp_path / source, volume, volume.box)
    opened = open_volume(path)
    with pytest.raises(OutputError, match=f"would write over .*{source}, which is read from"):
        write_volume(path, opened, BOX)
    link = tmp_path / f"link-{source}"
    link.symlink_to(path)
    with pytest.raises(OutputError, match="would write over"):
        write_volume(link, opened, BOX)
    np.testing.assert_array_equal(np.asarray(opened.channels[0]), volume.channels[0])


def test_nor_what_lies_around_or_in_it(volume: Volume, tmp_path: Path) -> None:
    (path,) = write_volume(tmp_path / "outer.zarr" / "inner.zarr", volume, volume.box)
    opened = open_volume(path)
    for target in (tmp_path / "outer.zarr", path / "crop.mrc"):
        with pytest.raises(OutputError, match="would write over"):
            write_volume(target, opened, BOX)


def test_nor_one_of_its_channels(volume: Volume, tmp_path: Path) -> None:
    two = join_channels([volume, volume])
    paths = write_volume(tmp_path / "a.mrc", two, two.box)
    with pytest.raises(OutputError, match=r"a-1\.mrc would write over"):
        write_volume(tmp_path / "a.mrc", open_channels("+".join(map(str, paths))), BOX)


@pytest.mark.parametrize("foreign", ["notes.txt", "labels/cells/zarr.json", "0/zarr.old", "0/mine/c/0", "linked"])
def test_an_export_with_something_of_the_persons_in_it_stays(foreign: str, volume: Volume, tmp_path: Path) -> None:
    (path,) = write_volume(tmp_path / "a.zarr", volume, BOX)
    (path / ".DS_Store").touch()
    write_volume(path, volume, BOX)
    (path / foreign).parent.mkdir(parents=True, exist_ok=True)
    (path / foreign).symlink_to(tmp_path) if foreign == "linked" else (path / foreign).write_text("{}")
    with pytest.raises(SettingError, match="left alone"):
        write_volume(path, volume, BOX)
    assert (path / foreign).exists()


def test_labels_are_exported_again(tmp_path: Path) -> None:
    image = LabelImage(np.ones((3, 4, 5), np.uint8), 1)
    for _ in range(2):
        path = write_labels(tmp_path / "a.ome.zarr", image)
    path.rename(tmp_path / "b.ome.zarr")
    write_labels(tmp_path / "b.ome.zarr", image)


def test_a_folder_of_the_persons_own_stays(volume: Volume, tmp_path: Path) -> None:
    (tmp_path / "a.zarr").mkdir()
    with pytest.raises(SettingError, match="left alone"):
        write_volume(tmp_path / "a.zarr", volume, BOX)


@pytest.mark.parametrize(
    ("name", "format_name", "match"),
    [("a.docx", None, r"Volumes cannot be written as a\.docx; let the name end in \.mrc.*\.npy.*\.zarr"),
     ("a.mrc.gz", None, "let the name end in"), ("a.tif", "mrc", "does not fit the format mrc"),
     ("a", "docx", "choose one of mrc, tiff, nifti, numpy, hdf5, ome-zarr")],
)  # fmt: skip
def test_names_that_mean_no_format(
    name: str, format_name: str | None, match: str, volume: Volume, tmp_path: Path
) -> None:
    with pytest.raises(SettingError, match=match):
        write_volume(tmp_path / name, volume, BOX, format_name)
    assert list(tmp_path.iterdir()) == []


def test_the_format_gives_the_ending(volume: Volume, tmp_path: Path) -> None:
    assert write_volume(tmp_path / "crop", volume, BOX, "tiff") == (tmp_path / "crop.tif",)


@pytest.mark.parametrize("name", NAMES)
def test_boxes_that_do_not_fit_leave_nothing(name: str, volume: Volume, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="leaves the grid of cell"):
        write_volume(tmp_path / name, volume, Box((0, 0, 0), (5, 6, 8)))
    assert list(tmp_path.iterdir()) == []


class Failing:
    """Voxels that cannot be read any more in their second half."""

    shape, dtype = (130, 4, 5), np.dtype(np.float32)

    def __getitem__(self, index: tuple[slice, ...]) -> np.ndarray:
        if index[0].start >= 64:
            raise InputError("the disk was pulled out")
        return np.ones(self.shape, self.dtype)[index]


@pytest.mark.parametrize("name", NAMES)
def test_a_failure_leaves_no_channel_behind(name: str, tmp_path: Path) -> None:
    whole = np.ones(Failing.shape, np.float32)
    with pytest.raises(InputError, match="pulled out"):
        write_volume(tmp_path / name, Volume((whole, Failing())), Box.whole(whole.shape))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_cancelled_crop_leaves_nothing(name: str, tmp_path: Path) -> None:
    whole = np.ones((130, 70, 5), np.float32)
    job = write_volume_job(tmp_path / name, Volume((whole, whole)), Box.whole(whole.shape))
    next(job)
    job.close()
    assert list(tmp_path.iterdir()) == []


def test_an_older_crop_is_replaced(volume: Volume, tmp_path: Path) -> None:
    for name in NAMES:
        write_volume(tmp_path / name, volume, volume.box)
        assert saved(tmp_path / name, volume)[0].shape == BOX.shape


def test_a_crop_of_a_map_on_disk(write_mrc: Callable[..., Path], distinct: np.ndarray, tmp_path: Path) -> None:
    """The whole way: a file, its crop, and what another program makes of that."""
    import mrcfile

    volume = open_volume(write_mrc(distinct, size=(1.5, 2.0, 3.0), origin=(100.0, 200.0, 300.0)))
    (path,) = write_volume(tmp_path / "crop.mrc", volume, BOX)
    assert mrcfile.validate(path)
    with mrcfile.open(path) as file:
        np.testing.assert_array_equal(file.data, distinct[BOX.slices])
        assert file.voxel_size.tolist() == (1.5, 2.0, 3.0)
        assert file.header.origin.tolist() == (100.0 + 3 * 1.5, 200.0 + 2 * 2.0, 300.0 + 1 * 3.0)
