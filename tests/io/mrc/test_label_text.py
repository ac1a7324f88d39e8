"""Region names in MRC headers and JSON records."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import mrcfile
import numpy as np
import pytest

from napari_hypseg.io import LabelImage, open_volume, write_labels
from napari_hypseg.io.label_metadata import label_metadata_from_json, label_metadata_to_json
from napari_hypseg.io.mrc.header_text import pack_names


def test_names_fill_the_header_and_no_more() -> None:
    lines = pack_names({region: f"region number {region}" for region in range(1, 100)})
    assert len(lines) == 10
    assert all(len(line.encode()) <= 80 for line in lines)
    assert pack_names({1: "x" * 100, 2: "short"}) == ["hypseg regions 2=short"]
    assert pack_names({}) == ["hypseg regions "]


def test_mrc_written_is_a_valid_map_with_statistics(labels: LabelImage, tmp_path: Path) -> None:
    path = write_labels(tmp_path / "a.mrc", labels)
    with mrcfile.open(path) as file:  # strict: raises where the header breaks the standard
        np.testing.assert_array_equal(file.data, labels.data)
        header = file.header
        np.testing.assert_allclose([header.dmin, header.dmax], [0, 209])
        np.testing.assert_allclose([header.dmean, header.rms], [labels.data.mean(), labels.data.std()], rtol=1e-6)
        assert (header.mx, header.my, header.mz) == (7, 6, 5)
        np.testing.assert_allclose([file.voxel_size.x, file.voxel_size.z], [15.0, 30.0])
        assert b"1=membrane" in bytes(header.label[0])


def test_text_of_other_programs_is_no_name(write_mrc: object, distinct: np.ndarray) -> None:
    assert open_volume(write_mrc(distinct)).metadata == {}


@pytest.mark.parametrize(
    "text",
    [
        "regions outside the lamella set to mean; bin=4",
        "regions 1=a; 2=b; and more",
        "regionstats 1=a",
        "hypseg regions of the lamella",
    ],
)
def test_text_that_begins_with_our_word_is_no_label(text: str, write_mrc: Callable[..., Path]) -> None:
    path = write_mrc(np.full((3, 4, 5), -7, np.int16))
    with mrcfile.open(path, mode="r+") as file:
        file.header.label[0], file.header.nlabl = text.encode(), 1
    assert open_volume(path).metadata == {}


@pytest.mark.parametrize(
    ("text", "names"), [("regions", {}), ("regions 1=a; 20=b = c", {1: "a", 20: "b = c"}), ("hypseg regions", {})]
)
def test_labels_are_known_by_lines_of_this_and_earlier_versions(
    text: str, names: dict[int, str], write_mrc: Callable[..., Path]
) -> None:
    path = write_mrc(np.ones((3, 4, 5), np.int16))
    with mrcfile.open(path, mode="r+") as file:
        file.header.label[0], file.header.nlabl = text.encode(), 1
    assert open_volume(path).metadata == {"labels": True, "names": names, "colours": {}}


@pytest.mark.parametrize("name", ["a.mrc", "a.tif", "a.nii.gz", "a.zarr"])
def test_numpy_scalars_are_as_good_as_numbers(name: str, labels: LabelImage, tmp_path: Path) -> None:
    colour = tuple(np.float32([0.5, 0.25, 0.0, 1.0]))
    image = replace(labels, names={np.uint16(3): "three"}, colours={np.int64(3): colour})
    assert open_volume(write_labels(tmp_path / name, image)).metadata["names"] == {3: "three"}


def test_records(labels: LabelImage) -> None:
    record = label_metadata_from_json(label_metadata_to_json(labels))
    assert record["names"] == labels.names
    assert record["colours"] == labels.colours
    assert label_metadata_to_json(labels).isascii()
    for text in (None, "", "no json", "[]", '{"napari-hypseg": 3}', '{"other": {}}', b"\xff\xfe"):
        assert label_metadata_from_json(text) == {}
