"""Box files: written whole, read strictly, and refused for a volume of another shape."""

import json
from dataclasses import replace

import numpy as np
import pytest

from napari_hypseg.errors import OutputError, SettingError
from napari_hypseg.io.box_file import parse_box, read_box, write_box
from napari_hypseg.volumes import Box, Volume
from napari_hypseg.volumes.orientation import Orientation, as_direction, reorient
from napari_hypseg.volumes.proposal import Proposal

BOX = Box((1, 2, 3), (4, 6, 8))
VOLUME = Volume((np.zeros((10, 12, 14), np.float32),), (2.0, 1.0, 1.0), "micrometer", name="fish")


def proposal(box=BOX, certainty=0.75):
    profile = np.ones(5, np.float32)
    return Proposal(
        box, certainty, "vote", np.ones((5, 5, 5), np.float32), (2.0, 2.4, 2.8), (profile,) * 3, ("Look at the top.",)
    )


def write(path, **changes):
    record = {"start": [1, 2, 3], "stop": [4, 6, 8], **changes}
    path.write_text(json.dumps(record))
    return path


def test_what_is_written_is_what_was_promised_and_reads_back(tmp_path):
    path = tmp_path / "new" / "fish.json"
    write_box(path, proposal(), VOLUME)
    assert json.loads(path.read_text()) == {
        "start": [1, 2, 3],
        "stop": [4, 6, 8],
        "certainty": 0.75,
        "method": "vote",
        "name": "fish",
        "shape": [10, 12, 14],
        "voxel_size": [2.0, 1.0, 1.0],
        "unit": "micrometer",
        "origin": [0.0, 0.0, 0.0],
        "direction": None,
        "share": round(60 / 1680, 6),
        "notes": ["Look at the top."],
    }
    assert read_box(path) == read_box(path, VOLUME) == parse_box(str(path), VOLUME) == BOX
    assert [entry.name for entry in path.parent.iterdir()] == ["fish.json"]


def test_numpy_integers_are_written_as_numbers(tmp_path):
    box = Box(tuple(np.arange(3)), tuple(np.arange(5, 8)))
    write_box(tmp_path / "a.json", proposal(box, np.float32(0.5)), VOLUME)
    assert read_box(tmp_path / "a.json") == Box((0, 1, 2), (5, 6, 7))


def test_another_programs_box_needs_only_start_and_stop(tmp_path):
    assert read_box(write(tmp_path / "box.json"), VOLUME) == BOX
    assert parse_box("1:4,2:6,3:8", VOLUME) == BOX


def test_a_box_for_another_shape_is_refused(tmp_path):
    write_box(tmp_path / "a.json", proposal(), VOLUME)
    with pytest.raises(SettingError, match=r"a\.json was made for .*10×12×14 .*10×12×15"):
        read_box(tmp_path / "a.json", replace(VOLUME, channels=(np.zeros((10, 12, 15)),)))


def test_a_box_goes_where_its_voxels_lie_in_another_direction(tmp_path):
    grey = np.zeros((10, 12, 14), np.float32)
    grey[BOX.slices] = 1
    head = replace(VOLUME, channels=(grey,), origin=(5.0, 6.0, 7.0), direction=as_direction(np.eye(3)))
    write_box(tmp_path / "a.json", proposal(), head)
    turned = reorient(head, Orientation((1, 0, 2), (False, True, True)))
    box = read_box(tmp_path / "a.json", turned)
    assert box.size == BOX.size
    assert turned.read(box).all()
    oblique = as_direction(np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0])
    with pytest.raises(SettingError, match=r"a\.json was made for another volume: .* turned"):
        read_box(tmp_path / "a.json", replace(head, direction=oblique))
    with pytest.raises(SettingError, match="begins"):
        read_box(tmp_path / "a.json", replace(head, origin=(5.0, 6.0, 9.0)))


def test_a_box_fits_a_volume_before_and_after_its_size_was_corrected(tmp_path):
    write_box(tmp_path / "a.json", proposal(), VOLUME)
    corrected = VOLUME.with_voxel_size((5.0, 1.0, 1.0), "nanometer")
    assert read_box(tmp_path / "a.json", corrected, VOLUME) == BOX
    with pytest.raises(SettingError, match="voxels of 2 × 1 × 1 µm"):
        read_box(tmp_path / "a.json", corrected)
    assert read_box(write(tmp_path / "old.json", shape=[10, 12, 14], voxel_size=[2, 1, 1]), corrected) == BOX


@pytest.mark.parametrize(
    "changes",
    [
        {"start": [1, 2]},
        {"start": [1.5, 2, 3]},
        {"start": [True, 2, 3]},
        {"start": "123"},
        {"start": None},
        {"start": [-1, 2, 3]},
        {"start": [4, 2, 3]},
        {"stop": [0, 6, 8]},
        {"stop": {"z": 4}},
    ],
)
def test_what_is_no_box_is_named(tmp_path, changes):
    with pytest.raises(SettingError, match=r"box\.json (is not a|cannot be read as) box file"):
        read_box(write(tmp_path / "box.json", **changes))


@pytest.mark.parametrize("content", [b"", b"{", b"[1, 2]", b"\xff\xfe\x00", b'{"stop": [1, 2, 3]}'])
def test_what_is_no_record_is_named(tmp_path, content):
    (tmp_path / "box.json").write_bytes(content)
    with pytest.raises(SettingError, match=r"box\.json (is not a|cannot be read as) box file"):
        read_box(tmp_path / "box.json")


def test_missing_and_unwritable(tmp_path):
    with pytest.raises(SettingError, match=r"gone\.json is missing"):
        parse_box(str(tmp_path / "gone.json"))
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"a\.json"):
        write_box(tmp_path / "file" / "a.json", proposal(), VOLUME)
