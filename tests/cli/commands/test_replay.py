import json
import shutil

import numpy as np
import pytest

from napari_hypseg.cli.main import main
from napari_hypseg.hierarchy.tree import PARTS
from napari_hypseg.jobs import quietly
from napari_hypseg.pipeline.replay import carry_over
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.structures.edits import (
    AddLeaves,
    LockStructure,
    MakeStructure,
    OpenRegion,
    PaintVoxels,
    RenameStructure,
    SplitStructure,
)
from napari_hypseg.structures.voxel_runs import encode_runs, runs_of
from tests.project.conftest import SHAPE, cell, four_leaves, learn, segment

RED = (1.0, 0.0, 0.0)
EDITS = (
    MakeStructure(name="particle", colour=RED, leaves="0-1"),
    SplitStructure(structure=1, parts=("0", "1"), names=("shell", "lumen"), colours=(RED, RED)),
    AddLeaves(structure=1, leaves="3"),
    OpenRegion(tree="parts", node=4),
    PaintVoxels(structure=3, specimen=0, shape=SHAPE, voxels=encode_runs(runs_of(np.arange(170, 180)))),
    RenameStructure(structure=2, name="coat"),
    LockStructure(structure=1, locked=True),
)


@pytest.fixture
def edited(tmp_path):
    project = Project.create(tmp_path / "monday", [cell()], RunSettings())
    learn(project)
    segment(project)
    project.reload()
    for edit in EDITS:
        project.structures.do(edit)
    project.close()
    return project.path


def owners(path):
    project = Project.open(path)
    names = {0: ""} | {one.id: one.name for one in project.structures.annotation.structures.values()}
    return np.vectorize(names.get)(project.structures.owners()[:]), names


def replayed(capsys, source, target):
    code = main(["replay", str(source), "--onto", str(target), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_edits_are_done_again_on_a_copy_to_the_last_voxel(edited, tmp_path, capsys):
    copy = shutil.copytree(edited, tmp_path / "copy.hypseg")
    shutil.rmtree(copy / "edits")
    code, record = replayed(capsys, edited, copy)
    assert (code, len(record["done"]), record["left_out"]) == (0, len(EDITS), [])
    np.testing.assert_array_equal(owners(copy)[0], owners(edited)[0])


def test_on_other_regions_a_leaf_goes_where_most_of_it_was_and_names_stay_apart(edited, tmp_path, capsys):
    other = Project.create(tmp_path / "tuesday", [cell()], RunSettings())
    learn(other)
    tree = four_leaves()
    tree.points[:] += 1
    (leaves,) = other.store.start_segmentation([SHAPE])
    moved = 4 - (np.arange(336).reshape(SHAPE) + 20) // 84 % 4
    leaves[:] = moved.astype(np.uint16)
    other.store.finish_segmentation({PARTS: tree}, {})
    other.reload()
    other.structures.do(MakeStructure(name="particle", colour=RED, leaves=""))
    other.close()
    code, record = replayed(capsys, edited, other.path)
    assert code == 0
    assert [text.split(" (")[0] for text in record["left_out"]] == ["open node 4"]
    names, known = owners(other.path)
    assert set(known.values()) == {"", "particle", "particle 2", "coat", "lumen"}
    where = {0: "coat", 1: "lumen", 2: "", 3: "particle 2"}
    expected = np.vectorize(where.get)(4 - moved)
    expected.flat[170:180] = "lumen"
    np.testing.assert_array_equal(names, expected)


@pytest.mark.parametrize(
    ("onto", "sentence"),
    [("monday.hypseg", "A project cannot be replayed onto itself"), ("none.hypseg", "There is no project")],
)
def test_what_cannot_be_replayed_is_said(edited, tmp_path, capsys, onto, sentence):
    assert main(["replay", str(edited), "--onto", str(tmp_path / onto)]) in (2, 5)
    assert sentence in capsys.readouterr().err


def test_structures_are_carried_over_when_regions_are_made_anew(edited):
    project = Project.open(edited, write=True)
    before, _ = owners(edited)
    segment(project, 1.0)
    project.reload()
    assert project.structures.annotation.structures == {}
    replayed = quietly(carry_over(project))
    assert [text.split(" (")[0] for text in replayed.left_out] == ["open node 4"]
    project.close()
    np.testing.assert_array_equal(owners(edited)[0], before)
    again = Project.open(edited, write=True)
    assert again.structures.undo_text == "lock particle"
    assert quietly(carry_over(again)).done == ()
    again.close()
