"""Names of many specimens: unlike each other, and the same again the next time."""

import json

import h5py
import numpy as np
import pytest

from napari_hypseg.cli.parsing.boxes import find_box
from napari_hypseg.errors import SettingError
from napari_hypseg.io import open_channels
from napari_hypseg.io.specimen_names import folder_of, name_of, unique_names
from napari_hypseg.volumes import Box, Volume

SHAPE = (4, 5, 6)


def volume(name):
    return Volume((np.zeros(SHAPE, np.float32),), name=name)


def test_a_stem_that_is_alone_is_the_name():
    assert unique_names(["x/a.mrc", "y/b.ome.zarr"], [None, None]) == ("a", "b")
    assert [name_of(text) for text in ("x/a.nii.gz", "a.mrc+b.mrc", "scan.7.docx")] == ["a", "a", "scan.7"]


def test_a_data_set_is_named_with_its_file(tmp_path):
    path = tmp_path / "a+b" / "cell.h5"
    path.parent.mkdir()
    with h5py.File(path, "w") as file:
        file["volumes/raw"] = np.arange(120.0).reshape(SHAPE)
        file["volumes/more"] = np.arange(120.0).reshape(SHAPE)
    text = f"{path}/volumes/raw"
    assert name_of(text) == open_channels(text).name == "cell-raw"
    assert len(open_channels(f"{text}+{path}/volumes/more").channels) == 2
    assert folder_of(text) == "a+b"


def test_equal_stems_get_their_folder_in_front():
    texts = ["day1/scan.mrc", "day2/scan.mrc", "day2/other.mrc"]
    assert unique_names(texts, [volume("scan"), volume("scan"), volume("other")]) == ("day1_scan", "day2_scan", "other")


def test_a_broken_file_does_not_change_the_names_of_the_others():
    texts = ["day1/scan.mrc", "day2/scan.mrc"]
    assert unique_names(texts, [None, volume("scan")]) == unique_names(texts, [volume("scan"), volume("scan")])


def test_equal_folders_are_numbered_and_meet_no_other_name():
    texts = ["x/day/scan.mrc", "y/day/scan.mrc", "day_scan_2.mrc", "z/day/scan.mrc"]
    assert unique_names(texts, [None] * 4) == ("day_scan", "day_scan_3", "day_scan_2", "day_scan_4")


def write(path, start):
    path.write_text(json.dumps({"start": start, "stop": [4, 5, 6]}))


def test_the_box_of_a_specimen_is_found_in_a_folder(tmp_path):
    write(tmp_path / "scan.json", [1, 1, 1])
    write(tmp_path / "day2_scan.json", [2, 2, 2])
    write(tmp_path / "day2_fish.json", [3, 3, 3])
    found = [
        find_box(str(tmp_path), volume("scan"), "day1/scan.mrc", "scan"),
        find_box(str(tmp_path), volume("scan"), "day2/scan.mrc", "day2_scan"),
        find_box(str(tmp_path), volume("fish"), "day2/fish.mrc", "fish"),
    ]
    assert [box.start for box in found] == [(1, 1, 1), (2, 2, 2), (3, 3, 3)]
    assert find_box("0:1,0:2,0:3", volume("scan"), "scan.mrc", "scan") == Box((0, 0, 0), (1, 2, 3))


def test_a_folder_without_the_box_says_which_file_is_missing(tmp_path):
    with pytest.raises(SettingError, match=r"holds no box for day1/scan\.mrc.*scan\.json"):
        find_box(str(tmp_path), volume("scan"), "day1/scan.mrc", "scan")
