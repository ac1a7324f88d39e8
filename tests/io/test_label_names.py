import json

import pytest

from napari_hypseg.errors import InputError
from napari_hypseg.io.label_names import read_label_names

FREESURFER = "#No. Label Name:        R   G   B   A\n\n17  Left-Hippocampus    220 216 20  0\n\n2   WM  1 2 3 0"
SNAP = '    0     0    0    0        0  0  0    "Clear Label"\n   17   255  0  0  1  1  1  "Left Hippocampus"\n'


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.json", json.dumps({"17": "Left-Hippocampus", "x": "y"}), {17: "Left-Hippocampus"}),
        ("a.json", json.dumps({"17": ["brain", "left", "Left-Hippocampus"]}), {17: "Left-Hippocampus"}),
        ("lut.txt", FREESURFER, {17: "Left-Hippocampus", 2: "WM"}),
        ("snap.label", SNAP, {0: "Clear Label", 17: "Left Hippocampus"}),
        ("a.csv", "17,inner membrane\n18,lumen,255,0,0", {17: "inner membrane", 18: "lumen"}),
        ("a.tsv", "17\tinner membrane\n", {17: "inner membrane"}),
    ],
)
def test_tables_of_names(tmp_path, name, content, expected):
    (tmp_path / name).write_text(content)
    assert read_label_names(tmp_path / name) == expected


@pytest.mark.parametrize(("name", "content"), [("a.json", "[1]"), ("a.json", "{"), ("a.txt", "nothing"), ("a.txt", "")])
def test_what_names_nothing_is_refused(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=rf"{name}"):
        read_label_names(tmp_path / name)
