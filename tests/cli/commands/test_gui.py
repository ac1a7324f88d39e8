"""`hypseg gui` starts napari as a program, or says what is missing."""

import sys

import pytest

from napari_hypseg.cli.commands import gui
from napari_hypseg.cli.main import main


@pytest.fixture
def started(monkeypatch):
    """Command lines of the programs that would have been started."""
    lines = []
    monkeypatch.setattr(gui, "find_spec", lambda name: object())
    monkeypatch.setattr(gui.subprocess, "call", lambda words: lines.append(words) or 0)
    return lines


def test_opens_the_panel_and_the_file_with_this_plugin(started, tomogram):
    assert main(["gui", str(tomogram)]) == 0
    assert started == [
        [sys.executable, "-m", "napari", str(tomogram), "--plugin", "napari-hypseg", "--with", "napari-hypseg"]
    ]


def test_opens_without_a_file(started):
    assert main(["gui"]) == 0
    assert started == [[sys.executable, "-m", "napari", "--with", "napari-hypseg"]]


def test_a_file_that_is_not_there(started, capsys):
    assert main(["gui", "missing.mrc"]) == 3
    assert "missing.mrc" in capsys.readouterr().err
    assert started == []


@pytest.mark.parametrize("missing", [("napari",), gui.QT_BINDINGS])
def test_says_what_to_install(started, monkeypatch, capsys, missing):
    monkeypatch.setattr(gui, "find_spec", lambda name: None if name in missing else object())
    assert main(["gui"]) == 1
    sentence = capsys.readouterr().err
    assert "napari-hypseg[all]" in sentence
    assert sentence.count("\n") == 1
    assert started == []


@pytest.mark.parametrize(
    ("name", "said"),
    [("picks.star", "Open picks"), ("picks.csv", "Open picks"), ("picture.png", "not a kind of file"), ("", "folder")],
)
def test_what_is_no_volume_is_refused_before_a_window_opens(started, tmp_path, capsys, name, said):
    path = tmp_path / name
    if name:
        path.touch()
    assert main(["gui", str(path)]) == 3
    sentence = capsys.readouterr().err
    assert said in sentence
    assert sentence.count("\n") == 1
    assert started == []
