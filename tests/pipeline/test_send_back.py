"""Corrections that go from one applied volume to the common project, and from there to the other volumes."""

import shutil

import numpy as np
import pytest

from napari_hypseg.errors import ProjectError, SettingError
from napari_hypseg.jobs import quietly
from napari_hypseg.pipeline.apply import apply
from napari_hypseg.pipeline.apply_origin import apply_origin
from napari_hypseg.pipeline.send_back import corrections, origin_of_applied, send_back
from napari_hypseg.pipeline.update_applied import is_behind, update_applied
from napari_hypseg.project.project import Project
from napari_hypseg.structures.edits import (
    AddLeaves,
    LockStructure,
    MakeStructure,
    MergeStructures,
    MoveStructure,
    PaintVoxels,
    RemoveStructure,
    RenameStructure,
    TakeLeaves,
)
from napari_hypseg.structures.leaf_ranges import to_ranges
from napari_hypseg.structures.voxel_runs import encode_runs, runs_of
from napari_hypseg.volumes import Specimen
from napari_hypseg.volumes.phantom import phantom
from tests.named_project import RED, named_project

EDGE = 24


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    source = Project.open(named_project(folder / "cell", phantom((50, 50, 50), seed=1)))
    for name, seed in (("one", 2), ("two", 3)):
        target = Project.create(folder / name, [Specimen(phantom((EDGE,) * 3, seed).volume)], source.settings)
        quietly(apply(source, target))
        target.close()
    return folder


@pytest.fixture
def projects(made, tmp_path):
    """The common project and two made from it, all open for writing; they were moved together."""
    folder = shutil.copytree(made, tmp_path / "day")
    opened = [Project.open(folder / f"{name}.hypseg", write=True) for name in ("cell", "one", "two")]
    yield opened
    for project in opened:
        project.close()


def held(project, name):
    annotation = project.structures.annotation
    return np.flatnonzero(annotation.leaves(annotation.structure(name).id)).tolist()


def free_leaves(project, count):
    return np.flatnonzero(project.structures.annotation.free_leaves())[:count].tolist()


def edit(project, kind, name, leaves):
    structure = project.structures.annotation.structure(name).id
    project.structures.do(kind(structure=structure, leaves=to_ranges(leaves)))


def test_leaves_that_were_added_and_taken_away_in_a_volume_are_so_everywhere(projects):
    cell, one, two = projects
    before, added = held(cell, "object"), free_leaves(cell, 2)
    taken = before[:3]
    edit(one, AddLeaves, "object", added)
    edit(one, TakeLeaves, "object", taken)
    assert not is_behind(cell, two)
    sent = send_back(one, cell)
    wanted = sorted({*before, *added} - {*taken})
    assert held(cell, "object") == wanted
    assert [(done.name, done.added, done.taken) for done in sent.structures] == [("object", 2, 3)]
    assert cell.structures.undo_text == "correct object as in one (+2 \u22123 leaves)"
    assert is_behind(cell, two)
    update = update_applied(cell, two)
    assert held(two, "object") == wanted
    assert update.done == ("correct object as in cell (+2 \u22123 leaves)",)
    assert (update.kept, is_behind(cell, two)) == ((), False)
    cell.structures.undo()
    assert held(cell, "object") == before
    update_applied(cell, two)
    assert held(two, "object") == before, "what is undone in the common project is undone in the others"


def test_what_was_sent_is_not_sent_again_and_what_is_taken_back_is(projects):
    cell, one, _ = projects
    before, added = held(cell, "object"), free_leaves(cell, 2)
    edit(one, AddLeaves, "object", added)
    send_back(one, cell)
    assert corrections(one) == {}
    assert not is_behind(cell, one)
    with pytest.raises(SettingError, match=r"Nothing was corrected in one.hypseg that was not sent already"):
        send_back(one, cell)
    edit(one, TakeLeaves, "object", added[:1])
    again = Project.open(one.path)
    assert corrections(again)[1].taken.sum() == 1, "it is on disk"
    send_back(one, cell)
    assert held(cell, "object") == sorted([*before, added[1]])


def test_one_structure_is_sent_and_the_others_wait(projects):
    cell, one, _ = projects
    first, second = free_leaves(cell, 2)
    edit(one, AddLeaves, "object", [first])
    edit(one, AddLeaves, "inner", [second])
    sent = send_back(one, cell, ["inner"])
    assert [done.name for done in sent.structures] == ["inner"]
    assert first not in held(cell, "object")
    assert held(cell, "inner") == [second]
    assert corrections(one).keys() == {1}
    edit(one, TakeLeaves, "inner", [second])
    send_back(one, cell)
    assert held(cell, "inner") == []
    assert {first, second} <= set(held(cell, "object"))
    with pytest.raises(SettingError, match=r"Of inner in .*: nothing was corrected since"):
        send_back(one, cell, ["inner"])


def test_a_leaf_that_moved_between_structures_moves_and_the_loser_is_named(projects):
    cell, one, two = projects
    cell.structures.do(MakeStructure(name="other", colour=RED, leaves=to_ranges(free_leaves(cell, 2))))
    moved = held(cell, "other")[0]
    for project in (one, two):
        update_applied(cell, project)
    edit(one, AddLeaves, "object", [moved])
    (done,) = send_back(one, cell, ["object"]).structures
    assert (done.taken_from, moved in held(cell, "other")) == (("other",), False)
    assert corrections(one) == {}
    assert str(done) == "object: 1 leaf added, some of them from other"


def test_corrections_made_in_a_volume_survive_what_comes_from_the_others(projects):
    cell, one, two = projects
    first, second, third = free_leaves(cell, 3)
    own = held(two, "object")[0]
    edit(two, TakeLeaves, "object", [own])
    two.structures.do(MakeStructure(name="mine", colour=RED, leaves=to_ranges([second])))
    edit(one, AddLeaves, "object", [first])
    edit(one, AddLeaves, "inner", [second, third])
    send_back(one, cell)
    before = held(two, "object")
    update = update_applied(cell, two)
    assert held(two, "mine") == [second]
    assert set(held(two, "object")) == {*before, third}, "only what lies inside it follows"
    assert held(two, "inner") == [third]
    assert set(update.kept) == {
        "object (it was corrected here)",
        "leaves that inner has got or lost (they were corrected here)",
    }
    edit(two, AddLeaves, "object", [own])
    assert set(update_applied(cell, two).done) == {"correct object as in cell (+1 leaves)"}
    assert first in held(two, "object")


def test_a_new_structure_is_made_in_the_common_project_once_and_in_the_others(projects):
    cell, one, two = projects
    leaves = free_leaves(cell, 4)
    one.structures.do(MakeStructure(name="part", colour=RED, leaves=to_ranges(leaves[:3])))
    inner = one.structures.annotation.structure("part").id
    one.structures.do(MakeStructure(name="core", colour=RED, leaves=to_ranges(leaves[:1]), parent=inner))
    sent = send_back(one, cell)
    assert [(done.name, done.made) for done in sent.structures] == [("part 2", True), ("core", True)]
    assert (held(cell, "part 2"), held(cell, "core")) == (leaves[:3], leaves[:1])
    update_applied(cell, two)
    assert (held(two, "part 2"), held(two, "core")) == (leaves[:3], leaves[:1])
    annotation = two.structures.annotation
    assert annotation.structure("core").parent == annotation.structure("part 2").id
    assert "part" not in {kept.name for kept in annotation.structures.values()}, "it was painted in another volume"
    edit(one, AddLeaves, "part", leaves[3:])
    assert [done.made for done in send_back(one, cell).structures] == [False]
    assert held(cell, "part 2") == leaves


def test_names_nesting_and_removal_follow_unless_they_were_chosen_in_the_volume(projects):
    cell, one, two = projects
    two.structures.do(RenameStructure(structure=2, name="lumen"))
    for edits in (
        RenameStructure(structure=1, name="thing"),
        RenameStructure(structure=3, name="inside"),
        MoveStructure(structure=3, parent=None),
        MakeStructure(name="gone", colour=RED, leaves=to_ranges(free_leaves(cell, 2))),
    ):
        cell.structures.do(edits)
    for project in (one, two):
        update_applied(cell, project)
    assert [kept.name for kept in one.structures.annotation.structures.values()] == ["thing", "inside", "gone"]
    assert [kept.name for kept in two.structures.annotation.structures.values()] == ["thing", "lumen", "gone"]
    assert one.structures.annotation.structure("inside").parent is None
    shape, runs = two.records[0].shape, encode_runs(runs_of(np.arange(5)))
    painted = two.structures.annotation.structure("gone").id
    two.structures.do(PaintVoxels(structure=painted, specimen=0, shape=shape, voxels=runs))
    leaves = held(cell, "gone")
    cell.structures.do(MergeStructures(structure=4, into=1))
    assert update_applied(cell, one).kept == ()
    assert update_applied(cell, two).kept == ("gone (it was corrected here)",)
    for project in (one, two):
        assert set(leaves) <= set(held(project, "thing"))
    assert two.structures.annotation.structure("gone")
    assert "gone" not in {kept.name for kept in one.structures.annotation.structures.values()}


def test_locks_are_kept_in_both_directions_and_said(projects):
    cell, one, two = projects
    leaves = free_leaves(cell, 2)
    cell.structures.do(LockStructure(structure=1, locked=True))
    edit(one, AddLeaves, "object", leaves)
    with pytest.raises(SettingError, match=r"Nothing could be sent back: object \(object is locked; unlock object"):
        send_back(one, cell)
    assert corrections(one).keys() == {1}, "it is still to be sent"
    cell.structures.undo()
    send_back(one, cell)
    two.structures.do(LockStructure(structure=1, locked=True))
    assert update_applied(cell, two).kept == ("object (object is locked; unlock object first)",)
    two.structures.undo()
    update_applied(cell, two)
    assert set(leaves) <= set(held(two, "object"))


def test_painted_voxels_stay_and_are_said(projects):
    cell, one, _ = projects
    shape, runs = one.records[0].shape, encode_runs(runs_of(np.arange(5)))
    one.structures.do(PaintVoxels(structure=1, specimen=0, shape=shape, voxels=runs))
    with pytest.raises(SettingError, match=r"Of object in .*: only voxels were painted, which belong to this"):
        send_back(one, cell, ["object"])
    edit(one, AddLeaves, "object", free_leaves(cell, 1))
    assert send_back(one, cell).left_out == ("painted voxels of object, which belong to this volume",)


def test_a_structure_that_is_gone_in_the_common_project_is_not_made_again(projects):
    cell, one, _ = projects
    edit(one, AddLeaves, "inner", free_leaves(cell, 1))
    cell.structures.do(RemoveStructure(structure=3))
    with pytest.raises(SettingError, match=r"inner \(it was removed from the common project\)"):
        send_back(one, cell, ["inner"])
    assert send_back(one, cell).left_out == ("inner (it was removed from the common project)",)


def test_what_was_made_from_nothing_has_nowhere_to_send(projects):
    cell, *_ = projects
    assert apply_origin(cell) is None
    assert corrections(cell) == {}
    with pytest.raises(ProjectError, match=r"cell.hypseg was not made by applying another project"):
        origin_of_applied(cell)


def test_the_common_project_is_refused_where_it_is_gone_open_or_has_other_regions(projects):
    cell, one, _ = projects
    origin = origin_of_applied(one)
    with pytest.raises(ProjectError, match="is open for writing in this program already; close it there"):
        origin.open(one)
    cell.close()
    with pytest.raises(ProjectError, match=r"has other regions than when one.hypseg was made from it"):
        origin.open(one, one.path.with_name("two.hypseg"))
    moved = cell.path.rename(cell.path.with_name("moved.hypseg"))
    away = origin.file._replace(path=str(moved.with_name("gone.hypseg")))
    with pytest.raises(ProjectError, match=r"There is no project .*gone.hypseg any more; say where it is now") as told:
        type(origin)(away, origin.segmentation).open(one)
    assert told.value.setting == "to"
    opened = origin.open(one, moved)
    assert opened.path == moved
    opened.close()


def test_of_several_projects_in_its_places_the_one_with_the_same_regions_is_it(projects, tmp_path):
    cell, one, _ = projects
    cell.close()
    for relative, path in (("one.hypseg", str(cell.path)), ("cell.hypseg", str(one.path))):
        file = origin_of_applied(one).file._replace(path=path, relative=f"../{relative}")
        opened = type(origin_of_applied(one))(file, origin_of_applied(one).segmentation).open(one)
        assert opened.path == cell.path
        opened.close()


def test_a_damaged_record_is_said(projects):
    _, one, _ = projects
    one.training["applied"]["structures"][0]["leaves_here"] = "9999"
    with pytest.raises(ProjectError, match=r"What one.hypseg was made from cannot be read .*; apply it again"):
        corrections(one)
