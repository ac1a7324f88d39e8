"""`hypseg locate`: boxes and crops for one scan or many, with a finder that needs no learning."""

import json
import shlex
import signal
from pathlib import Path

import numpy as np
import pytest

from napari_hypseg.cli.commands import locate
from napari_hypseg.cli.main import main
from napari_hypseg.io.file_array import FileArray
from napari_hypseg.io.opening import open_channels, open_volume
from napari_hypseg.io.registry import format_of
from napari_hypseg.io.writing import write_volume
from napari_hypseg.project.project import Project
from napari_hypseg.volumes import Box

BOX = Box((4, 5, 6), (14, 17, 20))
OTHER = Box((2, 3, 4), (8, 9, 10))


@pytest.fixture
def hypseg(capsys, locating):
    """Carry out `locate --json`; gives its object."""

    def call(*words, code=0):
        capsys.readouterr()
        assert main(["locate", *map(str, words), "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return call


@pytest.fixture
def fails(capsys, locating):
    """Carry out a command that has to fail; gives its sentence."""

    def call(code, *words):
        assert main(["locate", *map(str, words)]) == code
        captured = capsys.readouterr()
        assert captured.out == ""
        (sentence,) = (line for line in captured.err.splitlines() if line.startswith("hypseg: "))
        return sentence

    return call


def test_one_scan_one_file(hypseg, scan, tmp_path):
    record = hypseg(scan(), "--out", tmp_path / "box.json")
    (one,) = record["specimens"]
    kept = json.loads((tmp_path / "box.json").read_text())
    assert (kept["start"], kept["stop"], kept["certainty"]) == ([4, 5, 6], [14, 17, 20], 0.9)
    assert kept.items() <= one.items()
    assert one["box_file"] == str(tmp_path / "box.json")
    assert one["specimen"] == str(tmp_path / "scan.mrc")
    assert one["crop"] is None
    assert record["failures"] == []
    assert record["saved"] is None
    assert {"read", "learn"} <= record["seconds"].keys()
    assert record["notices"] == ["Everything was easy."]


def test_several_are_looked_at_together_and_a_folder_holds_a_box_each(hypseg, scan, tmp_path, locating):
    paths = [scan("a.mrc"), scan("b.mrc", OTHER)]
    record = hypseg(*paths, "--out", tmp_path / "boxes")
    assert [names for names, _ in locating.calls] == [["a", "b"]]
    assert [one["start"] for one in record["specimens"]] == [[4, 5, 6], [2, 3, 4]]
    assert sorted(path.name for path in (tmp_path / "boxes").iterdir()) == ["a.json", "b.json"]


def test_scans_of_one_name_get_their_folder_in_front(hypseg, scan, tmp_path):
    paths = [scan("day1/recon.mrc"), scan("day2/recon.mrc", OTHER)]
    record = hypseg(*paths, "--out", tmp_path / "boxes")
    assert [Path(one["box_file"]).name for one in record["specimens"]] == ["day1_recon.json", "day2_recon.json"]


def test_settings_are_flags(hypseg, scan, tmp_path, locating):
    hypseg(
        scan(),
        "--out",
        tmp_path / "b.json",
        "--method",
        "sorting",
        "--margin",
        "5",
        "--boldness",
        "0.3",
        "--outline-steps",
        "7",
    )
    ((_, settings),) = locating.calls
    assert (settings.method, settings.margin, settings.model) == ("sorting", 5.0, {"boldness": 0.3})
    assert settings.outline_steps == 7


def test_a_crop_stands_at_its_place_and_what_it_saves_is_said(hypseg, scan, tmp_path, capsys):
    words = [scan(), "--out", tmp_path / "boxes", "--crop", tmp_path / "cropped"]
    record = hypseg(*words)
    crop = record["specimens"][0]["crop"]
    assert crop["paths"] == [str(tmp_path / "cropped" / "scan_cropped.mrc")]
    opened = open_volume(crop["paths"][0])
    assert opened.shape == BOX.shape
    assert np.asarray(opened.channels[0][:]).min() >= 1
    whole = open_volume(tmp_path / "scan.mrc")
    np.testing.assert_allclose(whole.to_voxel(opened.origin), BOX.start, atol=1e-3)
    assert crop["bytes_before"] == (tmp_path / "scan.mrc").stat().st_size
    assert crop["factor"] == pytest.approx(crop["bytes_before"] / crop["bytes_after"], rel=1e-3)
    assert record["saved"] == {key: crop[key] for key in ("bytes_before", "bytes_after", "factor")}
    assert main(["locate", *map(str, words), "--overwrite"]) == 0
    assert "times smaller" in capsys.readouterr().out


@pytest.mark.parametrize("form", ["tiff", "nifti", "ome-zarr"])
def test_crops_in_another_format(hypseg, scan, tmp_path, form):
    record = hypseg(scan(), "--out", tmp_path, "--crop", tmp_path, "--format", form)
    (path,) = record["specimens"][0]["crop"]["paths"]
    assert format_of(Path(path)).name == form
    assert open_volume(path).shape == BOX.shape
    again = hypseg(scan(), "--out", tmp_path, "--crop", tmp_path, "--format", form, "--overwrite")
    assert again["specimens"][0]["crop"]["paths"] == [path]


def test_channels_are_cropped_together(hypseg, scan, tmp_path):
    pair = f"{scan('a.mrc')}+{scan('b.mrc')}"
    record = hypseg(pair, "--out", tmp_path / "box.json", "--crop", tmp_path)
    paths = record["specimens"][0]["crop"]["paths"]
    assert len(paths) == 2
    opened = open_channels("+".join(paths))
    assert (len(opened.channels), opened.shape) == (2, BOX.shape)


def test_run_takes_the_box_and_the_folder(hypseg, scan, tmp_path, tiny, capsys):
    paths = [scan("a.mrc"), scan("b.mrc", OTHER)]
    hypseg(*paths, "--out", tmp_path / "boxes")
    run = ["run", *map(str, paths), "--box", str(tmp_path / "boxes"), "--out", str(tmp_path / "p.hypseg"), *tiny]
    assert main(run) == 0
    for leaves, box in zip(Project.open(tmp_path / "p.hypseg").leaves, (BOX, OTHER), strict=True):
        expected = np.zeros(leaves.shape, bool)
        expected[box.slices] = True
        np.testing.assert_array_equal(np.asarray(leaves[:]) > 0, expected)
    capsys.readouterr()
    wrong = scan("c.mrc", shape=(20, 22, 25))
    words = ["run", str(wrong), "--box", str(tmp_path / "boxes" / "a.json"), "--out", str(tmp_path / "q.hypseg")]
    assert main(words) == 2
    assert "20×22×25" in capsys.readouterr().err


def test_the_next_step_is_said_and_can_be_typed(locating, scan, tmp_path, capsys):
    assert main(["locate", str(scan()), "--out", str(tmp_path / "box.json")]) == 0
    captured = capsys.readouterr()
    assert "90% sure" in captured.out
    words = shlex.split(captured.out.splitlines()[-1].removeprefix("Next: "))
    assert words[:3] == ["hypseg", "run", str(tmp_path / "scan.mrc")]
    assert "Everything was easy." in captured.err


def test_help_lists_the_localizers_and_their_settings(locating, capsys):
    assert main(["locate", "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "{vote,sorting}" in text
    assert "The sorting one (--method sorting): Looks." in text
    assert "--boldness X How bold it is. [at least 0 and at most 1, default 0.5]" in text
    assert "--margin X" in text


def test_one_broken_file_does_not_keep_the_others_from_their_boxes(hypseg, scan, tmp_path, capsys):
    broken = scan("broken.mrc")
    broken.write_bytes(broken.read_bytes()[:-100])
    words = [scan("a.mrc"), broken, tmp_path / "missing.mrc", scan("b.mrc"), "--out", tmp_path / "boxes"]
    record = hypseg(*words, code=3)
    assert [one["name"] for one in record["specimens"]] == ["a", "b"]
    assert [failure["specimen"] for failure in record["failures"]] == [str(broken), str(tmp_path / "missing.mrc")]
    assert sorted(path.name for path in (tmp_path / "boxes").iterdir()) == ["a.json", "b.json"]
    assert main(["locate", *map(str, words), "--overwrite"]) == 3
    captured = capsys.readouterr()
    assert "Failed: " in captured.out
    assert "missing.mrc does not exist" in captured.out
    assert "missing.mrc does not exist" in captured.err


def test_a_file_that_breaks_off_while_it_is_read_is_left_out(hypseg, scan, tmp_path, monkeypatch, locating):
    bad = scan("bad.mrc")
    real = FileArray.__getitem__

    def reading(self, index):
        if Path(self.path).name == "bad.mrc":
            raise OSError(5, "Input/output error")
        return real(self, index)

    monkeypatch.setattr(FileArray, "__getitem__", reading)
    record = hypseg(scan("a.mrc"), bad, scan("b.mrc"), "--out", tmp_path / "boxes", code=3)
    assert [one["name"] for one in record["specimens"]] == ["a", "b"]
    assert "Input/output error" in record["failures"][0]["error"]
    assert [names for names, _ in locating.calls] == [["a", "bad", "b"], ["a", "b"]]


def test_a_crop_that_fails_does_not_keep_the_others_from_theirs(hypseg, scan, tmp_path):
    flat = scan("flat.mrc", Box((3, 4, 5), (4, 9, 10)))
    record = hypseg(scan("a.mrc"), flat, scan("b.mrc"), "--out", tmp_path / "boxes", "--crop", tmp_path / "c", code=2)
    assert [bool(one["crop"]) for one in record["specimens"]] == [True, False, True]
    assert "single section" in record["failures"][0]["error"]
    assert sorted(path.name for path in (tmp_path / "c").iterdir()) == ["a_cropped.mrc", "b_cropped.mrc"]


def test_nothing_that_can_be_read(fails, tmp_path):
    sentence = fails(3, tmp_path / "a.mrc", tmp_path / "b.mrc", "--out", tmp_path / "boxes")
    assert "a.mrc does not exist" in sentence
    assert "1 other" in sentence
    assert "a.mrc" in fails(3, tmp_path / "a.mrc", "--out", tmp_path / "box.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "word"),
    [
        (["--margin", "101"], "margin"),
        (["--margin", "-1"], "margin"),
        (["--margin", "wide"], "margin"),
        (["--boldness", "2"], "boldness"),
        (["--method", "magic"], "vote, sorting"),
        (["--format", "mrc"], "--crop"),
        (["--crop", "c", "--format", "docx"], "--format"),
        (["--outline-steps", "0"], "outline_steps"),
    ],
)
def test_a_setting_outside_what_it_allows(fails, scan, tmp_path, words, word):
    assert word in fails(2, scan(), "--out", tmp_path / "box.json", *words)
    assert not (tmp_path / "box.json").exists()


def test_several_boxes_do_not_go_into_one_file(fails, scan, tmp_path):
    assert "2 specimens" in fails(2, scan("a.mrc"), scan("b.mrc"), "--out", tmp_path / "box.json")
    assert "2 specimens" in fails(2, scan("a.mrc"), tmp_path / "missing.mrc", "--out", tmp_path / "box.json")
    assert "specimen" in fails(2, "--out", tmp_path / "box.json")


def test_specimens_with_different_channels(fails, scan, tmp_path):
    pair = f"{scan('a.mrc')}+{scan('b.mrc')}"
    sentence = fails(3, scan("c.mrc"), pair, "--out", tmp_path / "boxes")
    assert "has 1 channels" in sentence
    assert not (tmp_path / "boxes").exists()


def test_what_is_there_is_kept_unless_asked(fails, hypseg, scan, tmp_path):
    (tmp_path / "box.json").write_text("mine")
    assert "--overwrite" in fails(4, scan(), "--out", tmp_path / "box.json")
    assert (tmp_path / "box.json").read_text() == "mine"
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "scan_cropped.mrc").write_text("mine")
    assert "scan_cropped" in fails(4, scan(), "--out", tmp_path / "new.json", "--crop", tmp_path / "c")
    assert not (tmp_path / "new.json").exists()
    hypseg(scan(), "--out", tmp_path / "box.json", "--crop", tmp_path / "c", "--overwrite")
    assert json.loads((tmp_path / "box.json").read_text())["start"] == [4, 5, 6]


def test_a_crop_never_replaces_a_specimen(fails, scan, tmp_path):
    paths = [scan("a.mrc"), scan("a_cropped.mrc")]
    sentence = fails(4, *paths, "--out", tmp_path / "boxes", "--crop", tmp_path, "--overwrite")
    assert "a_cropped.mrc would write over" in sentence
    (tmp_path / "broken_cropped.mrc").write_bytes(b"no map")
    broken = [scan("broken.mrc"), tmp_path / "broken_cropped.mrc"]
    fails(4, *broken, "--out", tmp_path / "boxes", "--crop", tmp_path, "--overwrite")
    assert (tmp_path / "broken_cropped.mrc").read_bytes() == b"no map"


def test_nor_does_a_box_file(fails, scan, tmp_path):
    volume = tmp_path / "volume.zarr"
    link = tmp_path / "box.json"
    link.symlink_to(scan())
    assert "would write over" in fails(4, link.resolve(), "--out", link, "--overwrite")
    write_volume(volume, open_volume(scan()), Box.whole((20, 22, 24)))
    assert "would write over" in fails(4, volume, "--out", volume / "box.json")
    (tmp_path / "p.hypseg").mkdir()
    (tmp_path / "p.hypseg" / "project.json").write_text("{}")
    assert "inside the project" in fails(4, volume, "--out", tmp_path / "p.hypseg" / "boxes" / "box.json")


def test_where_nobody_may_write_is_said_before_learning(fails, scan, tmp_path, locating):
    (tmp_path / "file").touch()
    fails(4, scan(), "--out", tmp_path / "file" / "box.json")
    fails(4, scan(), "--out", tmp_path / "box.json", "--crop", tmp_path / "file")
    assert locating.calls == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_while_learning_stops(fails, scan, tmp_path, locating, number):
    locating.on_learn = lambda: signal.raise_signal(number)
    assert "no box was written" in fails(130, scan(), "--out", tmp_path / "box.json")
    assert not (tmp_path / "box.json").exists()


def test_ctrl_c_while_cropping_keeps_what_is_complete(fails, scan, tmp_path, monkeypatch):
    real = locate.write_crop

    def write(one, *rest):
        if one.task.scan.name == "b":
            raise KeyboardInterrupt
        return real(one, *rest)

    monkeypatch.setattr(locate, "write_crop", write)
    sentence = fails(130, scan("a.mrc"), scan("b.mrc"), "--out", tmp_path / "boxes", "--crop", tmp_path / "c")
    assert "1 of 2 crops" in sentence
    assert [path.name for path in (tmp_path / "c").iterdir()] == ["a_cropped.mrc"]
