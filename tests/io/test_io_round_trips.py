"""What is exported opens again with the same labels at the same place."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from napari_hypseg.errors import OutputError
from napari_hypseg.io import LabelImage, open_volume, write_labels, write_labels_job
from napari_hypseg.jobs import Progress
from napari_hypseg.volumes.units import METERS

ENDINGS = (".mrc", ".rec", ".tif", ".tiff", ".nii.gz", ".nii", ".h5", ".hdf5", ".zarr", ".ome.zarr")


def meters(lengths: tuple[float, ...], unit: str) -> np.ndarray:
    return np.array(lengths) * METERS[unit]


@pytest.mark.parametrize("ending", ENDINGS)
def test_labels_come_back_at_the_same_place(ending: str, labels: LabelImage, tmp_path: Path) -> None:
    path = write_labels(tmp_path / f"level{ending}", labels)
    volume = open_volume(path)
    np.testing.assert_array_equal(np.asarray(volume.channels[0]), labels.data)
    np.testing.assert_allclose(meters(volume.voxel_size, volume.unit), meters(labels.voxel_size, "nanometer"), 1e-6)
    np.testing.assert_allclose(meters(volume.origin, volume.unit), meters(labels.origin, "nanometer"), 1e-6)
    assert volume.name == "level"
    assert volume.metadata["labels"] is True
    assert volume.metadata["names"] == labels.names
    assert not volume.notes


@pytest.mark.parametrize("name", ["level.tif", "level.nii.gz", "level.h5", "level.zarr"])
def test_colours_come_back_where_there_is_room(name: str, labels: LabelImage, tmp_path: Path) -> None:
    colours = open_volume(write_labels(tmp_path / name, labels)).metadata["colours"]
    for region, rgba in labels.colours.items():
        np.testing.assert_allclose(colours[region], rgba, atol=0.003)


@pytest.mark.parametrize("name", ["level.mrc", "level.tif", "level.nii.gz", "level.h5", "level.zarr"])
def test_pixels_stay_pixels(name: str, labels: LabelImage, tmp_path: Path) -> None:
    placeless = replace(labels, unit="pixel", voxel_size=(1.0, 1.0, 1.0), origin=(0.0, 0.0, 0.0))
    volume = open_volume(write_labels(tmp_path / name, placeless))
    assert (volume.unit, volume.voxel_size, volume.origin) == ("pixel", (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))


@pytest.mark.parametrize(
    ("name", "maximum", "dtype"),
    [
        ("a.mrc", 127, np.int8),
        ("a.mrc", 128, np.int16),
        ("a.mrc", 32767, np.int16),
        ("a.mrc", 32768, np.uint16),
        ("a.tif", 255, np.uint8),
        ("a.tif", 256, np.uint16),
        ("a.nii.gz", 255, np.uint8),
        ("a.nii.gz", 65535, np.uint16),
        ("a.nii.gz", 65536, np.uint32),
        ("a.zarr", 255, np.uint8),
        ("a.zarr", 256, np.uint16),
    ],
)
def test_dtype_is_the_smallest_that_fits(name: str, maximum: int, dtype: type, tmp_path: Path) -> None:
    data = np.zeros((3, 4, 5), np.uint32)
    data[1, 2, 3] = maximum
    volume = open_volume(write_labels(tmp_path / name, LabelImage(data, maximum)))
    assert volume.channels[0].dtype == dtype
    assert volume.channels[0][1, 2, 3] == maximum


@pytest.mark.parametrize("name", ["a.mrc", "a.tif"])
def test_ids_beyond_the_format_are_refused(name: str, tmp_path: Path) -> None:
    image = LabelImage(np.zeros((2, 3, 4), np.uint32), maximum=70000)
    with pytest.raises(OutputError, match="65535"):
        write_labels(tmp_path / name, image)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.mrc", "a.tif", "a.nii.gz", "a.h5", "a.zarr"])
def test_volumes_of_many_slabs(name: str, tmp_path: Path) -> None:
    """More than a chunk deep and high, so that slabs, strips and chunks have to meet without a gap."""
    data = np.random.default_rng(0).integers(0, 300, (70, 66, 9)).astype(np.uint16)
    events = []
    job = write_labels_job(tmp_path / name, LabelImage(data, 299))
    path = None
    while path is None:
        try:
            events.append(next(job))
        except StopIteration as finished:
            path = finished.value
    np.testing.assert_array_equal(np.asarray(open_volume(path).channels[0]), data)
    assert all(isinstance(event, Progress) and event.stage == "export" for event in events)
    assert events[-1].fraction == 1.0


def test_only_slabs_are_read(labels: LabelImage, tmp_path: Path) -> None:
    """The writers never ask for the whole of a large volume at once."""

    class Recording:
        shape, dtype = (300, 2000, 1000), np.dtype(np.uint16)

        def __init__(self) -> None:
            self.largest = 0

        def __getitem__(self, index: tuple[slice, ...]) -> np.ndarray:
            shape = [len(range(*part.indices(n))) for part, n in zip(index, self.shape, strict=True)]
            self.largest = max(self.largest, int(np.prod(shape)) * 2)
            return np.zeros((shape[0], 2, 2), np.uint16)

    data = Recording()
    for _ in replace(labels, data=data).slabs(np.uint8):
        pass
    assert 0 < data.largest <= 2**26


@pytest.mark.parametrize("name", ["a.mrc", "a.tif", "a.nii.gz", "a.h5", "a.zarr"])
def test_labels_without_names_are_still_known_as_labels(name: str, labels: LabelImage, tmp_path: Path) -> None:
    volume = open_volume(write_labels(tmp_path / name, replace(labels, names={}, colours={})))
    assert volume.metadata["labels"] is True
    assert volume.metadata["names"] == {}
