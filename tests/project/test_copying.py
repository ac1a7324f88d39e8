"""A copy of a project: the same in everything, on its own, and never half there."""

import shutil

import mrcfile
import numpy as np
import pytest

from napari_hypseg.errors import OutputError, ProjectError
from napari_hypseg.io.opening import open_volume
from napari_hypseg.jobs import quietly
from napari_hypseg.project import copying
from napari_hypseg.project.copying import copy_project, update_copy
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.structures.edits import MakeStructure
from napari_hypseg.volumes import Specimen

SHELL = MakeStructure(name="shell", colour=(1, 0, 0), leaves="0-1", tree="parts", nodes=(4,))
LUMEN = MakeStructure(name="lumen", colour=(0, 1, 0), leaves="2", tree="parts", nodes=(2,))


def content(folder):
    return {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_copy_is_whole_and_does_not_need_the_original(whole, tmp_path):
    project = whole()
    project.structures.do(SHELL)
    voxels, leaves = np.asarray(project.specimens[0].volume.channels[0]), project.leaves[0][:]
    target = tmp_path / "elsewhere" / "copy.hypseg"
    assert quietly(copy_project(project.path, target)) == target
    project.close()
    shutil.rmtree(project.path)
    copy = Project.open(target, write=True)
    assert (copy.damage, copy.notes, copy.read_only) == ((), (), False)
    assert [level.name for level in copy.levels] == ["four"]
    assert copy.has_checkpoint
    assert [one.name for one in copy.structures.annotation.structures.values()] == ["shell"]
    np.testing.assert_array_equal(copy.leaves[0][:], leaves)
    np.testing.assert_array_equal(copy.specimens[0].volume.channels[0], voxels)
    copy.structures.do(LUMEN)
    copy.close()


def test_the_original_stays_open_and_is_not_touched(whole, tmp_path):
    project = whole()
    before = content(project.path)
    quietly(copy_project(project.path, tmp_path / "copy.hypseg"))
    assert content(project.path) == before
    assert set(before) - set(content(tmp_path / "copy.hypseg")) == {copying.Path(".writer.lock")}
    project.structures.do(SHELL)
    project.close()


def test_what_is_edited_while_it_is_copied_is_taken_along(whole, tmp_path):
    project, target = whole(), tmp_path / "copy.hypseg"
    job = copy_project(project.path, target)
    next(job)
    quietly(job)
    project.structures.do(SHELL)
    project.keep_level("two", project.cut(2))
    project.set_regions(3)
    project.save()
    update_copy(project.path, target)
    copy = Project.open(target)
    assert [one.name for one in copy.structures.annotation.structures.values()] == ["shell"]
    assert ([level.name for level in copy.levels], copy.n_regions, copy.damage) == (["four", "two"], 3, ())
    project.close()


@pytest.mark.parametrize("moved", ["neither", "together"])
def test_the_files_it_was_made_from_are_found_from_the_copy(tmp_path, moved):
    home = tmp_path / "home"
    (home / "data").mkdir(parents=True)
    with mrcfile.new(home / "data" / "t.mrc", np.random.default_rng(0).normal(size=(6, 7, 8)).astype(np.float32)):
        pass
    project = Project.create(home / "p.hypseg", [Specimen(open_volume(home / "data" / "t.mrc"))], RunSettings())
    project.close()
    target = home / "deep" / "er" / "copy.hypseg"
    quietly(copy_project(project.path, target))
    if moved == "together":
        home = home.rename(tmp_path / "new")
    copy = Project.open(home / "deep" / "er" / "copy.hypseg")
    assert copy.specimens[0].volume.sources == (home / "data" / "t.mrc",)
    assert copy.source_notes() == ()


def test_a_project_in_the_way_is_replaced_only_if_told_and_if_nobody_has_it_open(whole, tmp_path):
    project, other = whole(), whole("other")
    other.structures.do(SHELL)
    before = content(other.path)
    with pytest.raises(ProjectError, match="exists already"):
        quietly(copy_project(project.path, other.path))
    with pytest.raises(ProjectError, match="is open for writing in this program"):
        quietly(copy_project(project.path, other.path, overwrite=True))
    assert content(other.path) == before
    other.close()
    quietly(copy_project(project.path, other.path, overwrite=True))
    replaced = Project.open(other.path, write=True)
    assert (replaced.read_only, dict(replaced.structures.annotation.structures)) == (False, {})
    replaced.close()
    project.close()


def test_nothing_but_a_project_is_replaced_and_no_copy_lies_in_a_project(whole, tmp_path):
    project = whole()
    letters = tmp_path / "letters.hypseg"
    letters.mkdir()
    (letters / "dear.txt").write_text("Dear")
    with pytest.raises(ProjectError, match="is no hypseg project"):
        quietly(copy_project(project.path, letters, overwrite=True))
    for target in (project.path, project.path / "copy.hypseg"):
        with pytest.raises(OutputError, match=r"write over|lies inside"):
            quietly(copy_project(project.path, target, overwrite=True))
    project.close()


def test_a_copy_that_is_cancelled_or_fails_leaves_nothing(whole, tmp_path, monkeypatch):
    project, target = whole(), tmp_path / "copy.hypseg"
    there = {path.name for path in tmp_path.iterdir()}
    job = copy_project(project.path, target)
    next(job)
    job.close()
    assert {path.name for path in tmp_path.iterdir()} == there

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(copying, "_moved", full)
    with pytest.raises(OutputError, match="the disk is full"):
        quietly(copy_project(project.path, target))
    assert {path.name for path in tmp_path.iterdir()} == there
    project.close()


def test_progress_ends_with_all_bytes(whole, tmp_path):
    project = whole()
    seen = [event for event in copy_project(project.path, tmp_path / "copy.hypseg")]
    assert {event.stage for event in seen} == {"copy"}
    assert seen[-1].step == seen[-1].total > 336
    project.close()
