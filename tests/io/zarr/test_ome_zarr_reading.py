"""OME-Zarr in both zarr formats, with channels, units and transformations; labels as the specification has them."""

import json
from dataclasses import replace
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
    assert volume.unit == "pixel"
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


def test_a_size_that_nobody_says_is_not_one_of_the_unit(distinct: np.ndarray, tmp_path: Path) -> None:
    volume = open_volume(image(tmp_path / "a.zarr", distinct, SPACE, "0.5"))
    assert (volume.voxel_size, volume.unit) == ((1.0, 1.0, 1.0), "pixel")
    assert "does not say" in volume.notes[0]


@pytest.mark.parametrize("unit", ["picometer", "femtometer", "yard"])
def test_every_unit_is_kept_on_reading_and_writing(unit: str, labels: LabelImage, tmp_path: Path) -> None:
    path = write_labels(tmp_path / "a.zarr", replace(labels, unit=unit))
    axes = json.loads((path / "zarr.json").read_text())["attributes"]["ome"]["multiscales"][0]["axes"]
    assert {axis["unit"] for axis in axes} == {unit}
    volume = open_volume(path)
    assert (volume.voxel_size, volume.unit) == (labels.voxel_size, unit)


SCALE = {"type": "scale", "scale": [3.0, 2.0, 1.5]}
SHIFT = {"type": "translation", "translation": [10.0, 20.0, 30.0]}
AFFINE = {"type": "affine", "affine": [[3.0, 0, 0, 10.0], [0, 2.0, 0, 20.0], [0, 0, 1.5, 30.0]]}
STRAIGHT = {"type": "rotation", "rotation": np.eye(3).tolist()}
TURNED = {"type": "rotation", "rotation": [[0.8, 0.6, 0.0], [-0.6, 0.8, 0.0], [0.0, 0.0, 1.0]]}
BACK = {"type": "rotation", "rotation": np.transpose(TURNED["rotation"]).tolist()}


def in_system(path: Path, data: np.ndarray, step: dict[str, object], ends: type = str) -> Path:
    """An image of version 0.6, whose coordinate systems replace axes."""
    systems = [{"name": "other", "axes": [{"name": "a"}]}, {"name": "physical", "axes": SPACE}]
    target = "physical" if ends is str else {"name": "physical"}
    finest = {"coordinateTransformations": [{**step, "input": "s0", "output": target}]}
    onward = [{"type": "scale", "scale": [9.0, 9.0, 9.0], "input": "physical", "output": "other"}]
    path = image(path, data, [], "0.6", finest=finest, coordinateTransformations=onward, coordinateSystems=systems)
    record = json.loads((path / "zarr.json").read_text())
    del record["attributes"]["ome"]["multiscales"][0]["axes"]
    (path / "zarr.json").write_text(json.dumps(record))
    return path


@pytest.mark.parametrize("ends", [str, dict])
@pytest.mark.parametrize(
    "steps",
    [
        [SCALE, SHIFT],
        [AFFINE],
        [STRAIGHT, SCALE, {"type": "identity"}, SHIFT],
        [TURNED, BACK, SCALE, SHIFT],
        [{"type": "mapAxis", "mapAxis": [0, 1, 2]}, SCALE, SHIFT],
    ],
)
def test_what_scales_and_shifts_is_read_whatever_its_kind(
    steps: list[dict[str, object]], ends: type, distinct: np.ndarray, tmp_path: Path
) -> None:
    step = steps[0] if len(steps) == 1 else {"type": "sequence", "transformations": steps}
    volume = open_volume(in_system(tmp_path / "a.zarr", distinct, step, ends))
    np.testing.assert_allclose(volume.voxel_size, (3.0, 2.0, 1.5))
    np.testing.assert_allclose(volume.origin, (10.0, 20.0, 30.0))
    assert (volume.unit, volume.notes) == ("nanometer", ())


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (TURNED, "rotation"),
        ({"type": "sequence", "transformations": [SCALE, TURNED]}, "rotation"),
        ({"type": "mapAxis", "mapAxis": [2, 1, 0]}, "mapAxis"),
        ({"type": "displacements", "path": "field"}, "displacements"),
        ({"type": "scale", "path": "numbers"}, "scale"),
        ({"type": "scale", "scale": [1.0, 1.0, float("inf")]}, "not finite"),
    ],
)
def test_other_transformations_are_said_not_to_be_followed(
    step: dict[str, object], kind: str, distinct: np.ndarray, tmp_path: Path
) -> None:
    volume = open_volume(in_system(tmp_path / "a.zarr", distinct, step))
    assert (volume.voxel_size, volume.unit, volume.origin) == ((1.0, 1.0, 1.0), "pixel", (0.0, 0.0, 0.0))
    (note,) = volume.notes
    assert kind in note
    assert "not followed" in note


def test_a_transformation_of_other_axes_is_refused(distinct: np.ndarray, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="2 numbers instead of 3"):
        open_volume(in_system(tmp_path / "a.zarr", distinct, {"type": "scale", "scale": [1.0, 2.0]}))


def test_an_array_that_grew_after_its_metadata_were_consolidated(distinct: np.ndarray, tmp_path: Path) -> None:
    finest = {"coordinateTransformations": [SCALE]}
    path = image(tmp_path / "a.zarr", distinct[:2], SPACE, "0.4", finest=finest)
    zarr.consolidate_metadata(path)
    array = zarr.open_array(path / "s0", mode="r+")
    array.resize(distinct.shape)
    array[:] = distinct
    np.testing.assert_array_equal(np.asarray(open_volume(path).channels[0]), distinct)


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_chunks_that_are_not_found_are_told(zarr_format: int, distinct: np.ndarray, tmp_path: Path) -> None:
    array = zarr.create_array(tmp_path / "a.zarr", data=distinct, chunks=(4, 4, 4), zarr_format=zarr_format)
    assert not any("No chunk" in note for note in open_volume(tmp_path / "a.zarr").notes)
    first = tmp_path / "a.zarr" / array.metadata.encode_chunk_key((0, 0, 0))
    first.rename(first.with_name("x" + first.name))
    assert not any("No chunk" in note for note in open_volume(tmp_path / "a.zarr").notes)
    for file in [file for file in (tmp_path / "a.zarr").rglob("*") if file.is_file() and "zar" not in file.name]:
        file.rename(file.with_name("x" + file.name))
    assert "dimension_separator" in open_volume(tmp_path / "a.zarr").notes[-1]


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
