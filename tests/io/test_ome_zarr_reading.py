"""OME-Zarr in both zarr formats, with channels, units and transformations; labels as the specification has them."""

import json
from pathlib import Path

import numpy as np
import pytest
import zarr

from napari_hypseg.errors import InputError, SettingError
from napari_hypseg.io import LabelImage, open_volume, write_labels

SPACE = [{"name": axis, "type": "space", "unit": "nanometer"} for axis in "zyx"]


def image(path: Path, data: np.ndarray, axes: list[object], version: str, **multiscale: object) -> Path:
    group = zarr.open_group(path, mode="w", zarr_format=2 if version == "0.4" else 3)
    group.create_array("s0", data=data, chunks=(*(1,) * (data.ndim - 3), 4, 4, 4))
    group.create_array("s1", data=data[..., ::2, ::2, ::2].copy())
    datasets = [{"path": "s0", **multiscale.pop("finest", {})}, {"path": "s1"}]
    record = {"multiscales": [{"version": version, "axes": axes, "datasets": datasets, **multiscale}]}
    if version == "0.4":
        group.attrs.update(record)
    else:
        group.attrs["ome"] = {"version": version, **record}
    return path


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_finest_level_with_its_place(version: str, distinct: np.ndarray, tmp_path: Path) -> None:
    finest = {
        "coordinateTransformations": [
            {"type": "scale", "scale": [3.0, 2.0, 1.5]},
            {"type": "translation", "translation": [10.0, 20.0, 30.0]},
        ]
    }
    overall = [{"type": "scale", "scale": [2.0, 2.0, 2.0]}]
    path = image(tmp_path / "a.zarr", distinct, SPACE, version, finest=finest, coordinateTransformations=overall)
    volume = open_volume(path)
    np.testing.assert_array_equal(np.asarray(volume.channels[0]), distinct)
    np.testing.assert_array_equal(volume.channels[0][1:3, 2, ::2], distinct[1:3, 2, ::2])
    assert volume.voxel_size == (6.0, 4.0, 3.0)
    assert volume.origin == (20.0, 40.0, 60.0)
    assert volume.unit == "nanometer"


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_channels_and_single_time_point(version: str, distinct: np.ndarray, tmp_path: Path) -> None:
    data = np.stack([distinct, distinct + 1000])[None]
    axes = [{"name": "t", "type": "time"}, {"name": "c", "type": "channel"}, *SPACE]
    volume = open_volume(image(tmp_path / "a.ome.zarr", data, axes, version))
    assert len(volume.channels) == 2
    np.testing.assert_array_equal(np.asarray(volume.channels[1]), distinct + 1000)
    assert volume.name == "a"


def test_time_series_and_other_axes_are_refused(distinct: np.ndarray, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="4-D stack"):
        open_volume(image(tmp_path / "t.zarr", np.stack([distinct] * 2), [{"name": "t"}, *SPACE], "0.5"))
    with pytest.raises(InputError, match="axes x, y, z"):
        open_volume(image(tmp_path / "x.zarr", distinct, SPACE[::-1], "0.5"))


def test_axes_named_only(distinct: np.ndarray, tmp_path: Path) -> None:
    """Version 0.3 lists names; a size of one without a unit means that nobody said."""
    volume = open_volume(image(tmp_path / "a.zarr", distinct, ["z", "y", "x"], "0.4"))
    assert (volume.voxel_size, volume.unit) == ((1.0, 1.0, 1.0), "pixel")
    assert "a.zarr" in volume.notes[0]


def test_units_are_brought_to_one(distinct: np.ndarray, tmp_path: Path) -> None:
    axes = [{"name": "z", "unit": "micrometer"}, *SPACE[1:]]
    finest = {"coordinateTransformations": [{"type": "scale", "scale": [0.003, 2.0, 1.5]}]}
    volume = open_volume(image(tmp_path / "a.zarr", distinct, axes, "0.5", finest=finest))
    np.testing.assert_allclose(volume.voxel_size, (3.0, 2.0, 1.5))
    assert volume.unit == "nanometer"


def test_bare_array_and_array_inside(distinct: np.ndarray, tmp_path: Path) -> None:
    zarr.save_array(tmp_path / "a.zarr", distinct % 2 == 1)
    volume = open_volume(tmp_path / "a.zarr")
    np.testing.assert_array_equal(np.asarray(volume.channels[0]), distinct % 2)
    assert volume.channels[0].dtype == np.uint8


def test_a_damaged_chunk_names_the_folder(distinct: np.ndarray, tmp_path: Path) -> None:
    path = image(tmp_path / "a.zarr", distinct, SPACE, "0.5")
    next((path / "s0" / "c").rglob("0")).joinpath("0", "0").write_bytes(b"not a chunk")
    channel = open_volume(path).channels[0]
    with pytest.raises(InputError, match=r"a\.zarr"):
        channel[:]


def test_labels_follow_the_specification(labels: LabelImage, tmp_path: Path) -> None:
    path = write_labels(tmp_path / "level 8.zarr", labels)

    def ome(*parts: str) -> dict[str, object]:
        record = json.loads((path.joinpath(*parts) / "zarr.json").read_text())
        assert record["zarr_format"] == 3
        return record["attributes"]["ome"]

    assert ome("labels") == {"version": "0.5", "labels": ["level 8"]}
    group = ome("labels", "level 8")
    properties = {entry["label-value"]: entry["name"] for entry in group["image-label"]["properties"]}
    colours = {entry["label-value"]: entry["rgba"] for entry in group["image-label"]["colors"]}
    assert properties == labels.names
    assert colours[1] == [255, 0, 0, 255]
    assert colours.keys() == properties.keys()
    array = zarr.open_array(path / "labels" / "level 8" / "0", mode="r")
    assert np.dtype(array.dtype).kind == "u"
    np.testing.assert_array_equal(array[:], labels.data)
    assert ome()["multiscales"][0]["datasets"][0]["path"] == "labels/level 8/0"


def test_labels_open_from_inside_as_well(labels: LabelImage, tmp_path: Path) -> None:
    volume = open_volume(write_labels(tmp_path / "out.zarr", labels) / "labels" / "out")
    np.testing.assert_array_equal(np.asarray(volume.channels[0]), labels.data)
    assert volume.metadata["names"] == labels.names


def test_an_image_is_never_replaced_by_labels(distinct: np.ndarray, labels: LabelImage, tmp_path: Path) -> None:
    path = image(tmp_path / "a.zarr", distinct, SPACE, "0.5")
    with pytest.raises(SettingError, match="is left alone"):
        write_labels(path, labels)
    np.testing.assert_array_equal(np.asarray(open_volume(path).channels[0]), distinct)


def test_the_ome_zarr_package_agrees(labels: LabelImage, tmp_path: Path) -> None:
    reader = pytest.importorskip("ome_zarr.reader", reason="the ome-zarr package is not installed")
    from ome_zarr.io import parse_url

    path = write_labels(tmp_path / "out.zarr", labels)
    nodes = list(reader.Reader(parse_url(path))())
    arrays = [node for node in nodes if node.data]
    assert len(arrays) == 2
    for node in arrays:
        np.testing.assert_array_equal(node.data[0].compute(), labels.data)
    assert arrays[1].metadata["properties"][1] == {"name": "membrane"}
