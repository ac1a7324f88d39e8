import numpy as np
import pytest

from napari_hypseg.errors import ProjectError, SettingError
from napari_hypseg.project.project import Project
from napari_hypseg.structures.edits import LockStructure, MakeStructure, OpenRegion, PaintVoxels
from napari_hypseg.structures.voxel_runs import encode_runs, runs_of
from tests.project.conftest import SHAPE

SHELL = MakeStructure(name="shell", colour=(1, 0, 0), leaves="0-1", tree="parts", nodes=(4,))
PAINT = PaintVoxels(structure=1, specimen=0, shape=SHAPE, voxels=encode_runs(runs_of(np.arange(100, 110))))


def test_structures_come_back_with_undo_and_redo_as_they_were_left(whole):
    project = whole()
    for edit in (SHELL, PAINT, LockStructure(structure=1, locked=True), OpenRegion(tree="parts", node=6)):
        project.structures.do(edit)
    project.structures.undo()
    owners = project.structures.owners()[:]
    project.close()
    again = Project.open(project.path, write=True)
    assert again.damage == ()
    assert again.structures.undo_text == "lock shell"
    assert again.structures.redo_text == "open node 6"
    np.testing.assert_array_equal(again.structures.owners()[:], owners)
    assert np.count_nonzero(owners) == 168
    again.structures.redo()
    assert again.cut(None).nodes == project.cut(None).nodes
    again.close()


def test_a_structure_is_counted_with_what_was_painted(whole):
    project = whole()
    project.structures.do(SHELL)
    assert project.structures.sizes == {1: 168}
    lumen = MakeStructure(name="lumen", colour=(0, 1, 0), leaves="1", parent=1)
    project.structures.do(lumen)
    voxels = encode_runs(runs_of(np.arange(160, 180)))
    project.structures.do(PaintVoxels(structure=2, specimen=0, shape=SHAPE, voxels=voxels))
    assert project.structures.sizes == {1: 180, 2: 96}
    for structure in (1, 2):
        assert np.count_nonzero(project.structures.mask(structure)[:]) == project.structures.sizes[structure]
    project.structures.do(PaintVoxels(structure=None, specimen=0, shape=SHAPE, voxels=voxels))
    assert project.structures.sizes == {1: 160, 2: 76}
    project.close()


def test_a_project_that_is_only_read_is_not_edited(whole):
    project = whole()
    project.structures.do(SHELL)
    project.close()
    reading = Project.open(project.path)
    heard = []
    reading.changed.connect(heard.append)
    for change in (lambda: reading.structures.do(PAINT), reading.structures.undo):
        with pytest.raises(ProjectError, match="was opened for reading"):
            change()
    assert heard == []
    assert reading.structures.undo_text == "make shell"


def test_every_edit_is_told_and_an_impossible_one_is_not_written(whole):
    project = whole()
    heard = []
    project.changed.connect(heard.append)
    project.structures.do(SHELL)
    project.structures.undo()
    project.structures.redo()
    assert heard == ["structures"] * 3
    with pytest.raises(SettingError, match="There is already a structure 'shell'"):
        project.structures.do(SHELL)
    project.close()
    assert Project.open(project.path).structures.undo_text == "make shell"


def test_edits_of_regions_that_were_replaced_stay(whole, segmented):
    project = whole()
    project.structures.do(SHELL)
    before = project.segmentation.fingerprint
    segmented(project, 1.0)
    project.reload()
    assert project.structures.annotation.structures == {}
    project.remove_level("four")
    project.forget_unused()
    project.close()
    again = Project.open(project.path)
    assert again.store.segmentation_folder(before).is_dir()
    assert (project.path / "edits" / f"{before}.jsonl").is_file()


def test_an_edit_that_does_not_fit_is_named_and_those_before_it_are_there(whole):
    project = whole()
    project.structures.do(SHELL)
    project.structures._append({"do": {"kind": "rename", "structure": 7, "name": "x"}})
    project.structures._append({"undo": ""})
    project.close()
    again = Project.open(project.path, write=True)
    assert len(again.damage) == 1
    assert "Edit 2 in" in again.damage[0]
    again.structures.do(LockStructure(structure=1, locked=True))
    again.close()
    third = Project.open(project.path)
    assert (third.damage, third.structures.undo_text) == ((), "lock shell")


def test_several_edits_are_undone_as_one_change_and_are_so_again_tomorrow(whole):
    project = whole()
    for edit in (SHELL, PAINT, LockStructure(structure=1, locked=True), OpenRegion(tree="parts", node=6)):
        project.structures.do(edit)
    heard = []
    project.changed.connect(heard.append)
    project.structures.go_to(1)
    assert heard == ["structures"]
    project.structures.go_to(3)
    project.structures.go_to(2)
    with pytest.raises(SettingError, match="There are 4 edits"):
        project.structures.go_to(5)
    words = [[step.text for step in steps] for steps in (project.structures.steps, project.structures.undone)]
    assert words == [["make shell", "paint shell"], ["lock shell", "open node 6"]]
    owners = project.structures.owners()[:]
    project.close()
    again = Project.open(project.path)
    assert again.damage == ()
    assert [[s.text for s in steps] for steps in (again.structures.steps, again.structures.undone)] == words
    np.testing.assert_array_equal(again.structures.owners()[:], owners)
