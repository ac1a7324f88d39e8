"""What in the folder of a demonstration may be replaced: its own files as it left them, and nothing else."""

import json
from contextlib import suppress

import pytest

from napari_hypseg.cli.commands.demo_folder import DemoFolder
from napari_hypseg.cli.main import main
from napari_hypseg.errors import OutputError

NAMES = ("tomogram.mrc", "truth.mrc")


def demonstrate(path, written=NAMES):
    folder = DemoFolder(path)
    folder.claim()
    for name in written:
        with folder.writing(name) as file:
            file.write_text(f"made by the demonstration: {name}")
    return folder


@pytest.mark.parametrize("name", ["letter.txt", "truth.mrc", "tomogram.mrc", "demo.json"])
def test_a_folder_of_the_persons_is_left_alone(name, tmp_path, capsys):
    (tmp_path / name).write_text("mine")
    assert main(["demo", "--out", str(tmp_path)]) == 4
    assert f"holds {name}" in capsys.readouterr().err
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {name: "mine"}


def test_an_earlier_one_is_replaced(tmp_path):
    demonstrate(tmp_path / "demo")
    (tmp_path / "demo" / ".DS_Store").touch()
    demonstrate(tmp_path / "demo")


@pytest.mark.parametrize(("name", "reason"), [("truth.mrc", "changed since"), ("notes.txt", "no demonstration")])
def test_unless_the_person_has_worked_in_it(name, reason, tmp_path):
    demonstrate(tmp_path)
    (tmp_path / name).write_text("mine")
    with pytest.raises(OutputError, match=reason):
        demonstrate(tmp_path)
    assert (tmp_path / name).read_text() == "mine"


def test_one_that_was_killed_is_replaced(tmp_path):
    folder = demonstrate(tmp_path, NAMES[:1])
    with suppress(KeyboardInterrupt), folder.writing("truth.mrc") as file:
        file.write_text("half of it")
        raise KeyboardInterrupt
    (tmp_path / ".hypseg-x7.part").mkdir()
    demonstrate(tmp_path)
    assert "half" not in (tmp_path / "truth.mrc").read_text()


def test_one_that_was_killed_at_once_is_replaced(tmp_path):
    demonstrate(tmp_path, [])
    demonstrate(tmp_path)


def test_a_list_of_another_making_claims_nothing(tmp_path):
    (tmp_path / "demo.json").write_text(json.dumps({"title": "my demo", "begun": "", "files": {"truth.mrc": ""}}))
    (tmp_path / "truth.mrc").write_text("mine")
    with pytest.raises(OutputError, match="no demonstration"):
        demonstrate(tmp_path)
