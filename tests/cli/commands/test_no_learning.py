"""First regions from the command: at once, said to be what they are, and replaced by what is learned later."""

import json

import pytest

from napari_hypseg.cli.main import main
from napari_hypseg.project.project import Project
from napari_hypseg.structures.edits import MakeStructure


@pytest.fixture
def out(tomogram, tiny, tmp_path):
    path = tmp_path / "first.hypseg"
    assert main(["run", str(tomogram), "--out", str(path), *tiny[2:], "--no-learning"]) == 0
    return path


def test_regions_without_learning_are_called_so(tomogram, tiny, tmp_path, capsys):
    out = tmp_path / "first.hypseg"
    assert main(["run", str(tomogram), "--out", str(out), *tiny[2:], "--no-learning"]) == 0
    said = capsys.readouterr().out
    assert "first regions: 8 leaves from filters, not learned yet" in said
    assert f"hypseg run --resume --out {out}" in said
    project = Project.open(out)
    assert project.segmentation.from_filters
    assert not project.has_checkpoint
    assert main(["info", str(out)]) == 0
    assert "from filters, not learned yet" in capsys.readouterr().out
    assert main(["export", str(out), "--cut", "3", "--out", str(out.parent / "three.mrc")]) == 0


def test_the_record_says_so_too(out, capsys):
    capsys.readouterr()
    assert main(["run", "--resume", "--out", str(out), "--no-learning", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["method"], record["learned"], record["steps"]) == ("filters", False, None)
    assert record["seconds"].keys() == {"first"}


def test_learning_later_carries_structures_over(out, capsys):
    with_structure = Project.open(out, write=True)
    with_structure.structures.do(MakeStructure(name="core", colour=(1.0, 0.0, 0.0), leaves="0-3"))
    with_structure.close()
    assert main(["run", "--resume", "--out", str(out), "--steps", "1"]) == 0
    assert "1 structure carried over" in capsys.readouterr().err
    project = Project.open(out)
    assert not project.segmentation.from_filters
    assert [one.name for one in project.structures.annotation.structures.values()] == ["core"]


def test_what_was_learned_stays(project, capsys):
    before = Project.open(project).segmentation.fingerprint
    assert main(["run", "--resume", "--out", str(project), "--no-learning"]) == 5
    assert "has learned already" in capsys.readouterr().err
    assert Project.open(project).segmentation.fingerprint == before


@pytest.mark.parametrize("budget", ["--minutes", "--steps"])
def test_time_for_learning_contradicts_it(tomogram, tmp_path, capsys, budget):
    out = tmp_path / "p.hypseg"
    assert main(["run", str(tomogram), "--out", str(out), "--no-learning", budget, "1"]) == 2
    assert "nothing is learned" in capsys.readouterr().err
    assert not out.exists()
