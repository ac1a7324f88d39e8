import json

import pytest

from napari_hypseg.errors import SettingError
from napari_hypseg.structures.edits import (
    AddLeaves,
    CloseRegion,
    LockStructure,
    MakeStructure,
    MarkJunk,
    MergeStructures,
    MoveStructure,
    OpenRegion,
    PaintVoxels,
    RemoveStructure,
    RenameStructure,
    SplitStructure,
    TakeLeaves,
    edit_from,
)
from tests.structures.conftest import RED, SHAPE


def held(history, structure, whole=True):
    return history.annotation.leaves(structure, whole).nonzero()[0].tolist()


def test_leaves_move_from_one_structure_to_another(history, make):
    shell, lumen = make("shell", [0, 1, 2]), make("lumen", [2, 3])
    assert (held(history, shell), held(history, lumen)) == ([0, 1], [2, 3])
    history.do(AddLeaves(structure=shell, leaves="3-4"))
    assert (held(history, shell), held(history, lumen)) == ([0, 1, 3, 4], [2])
    history.do(TakeLeaves(structure=shell, leaves="0-1"))
    assert held(history, shell) == [3, 4]
    assert history.annotation.free_leaves()[:2].all()


def test_what_lies_inside_counts_for_the_whole_and_falls_back_to_it(history, make):
    particle = make("particle", [0, 1, 2, 3])
    lumen = make("lumen", [2], parent=particle)
    assert (held(history, particle), held(history, particle, whole=False)) == ([0, 1, 2, 3], [0, 1, 3])
    with pytest.raises(SettingError, match="holds all of this already"):
        history.do(AddLeaves(structure=particle, leaves="2"))
    history.do(TakeLeaves(structure=lumen, leaves="2"))
    assert held(history, particle, whole=False) == [0, 1, 2, 3]
    history.do(AddLeaves(structure=lumen, leaves="3"))
    history.do(RemoveStructure(structure=lumen))
    assert held(history, particle, whole=False) == [0, 1, 2, 3]


def test_nothing_takes_voxels_from_what_is_locked(history, make):
    particle = make("particle", [0, 1])
    shell = make("shell", [1], parent=particle)
    other = make("other", [5])
    history.do(LockStructure(structure=particle, locked=True))
    history.do(AddLeaves(structure=other, leaves="1-2"))
    assert held(history, other) == [2, 5]
    with pytest.raises(SettingError, match="All of this is locked in shell; unlock it first"):
        history.do(AddLeaves(structure=other, leaves="1"))
    with pytest.raises(SettingError, match="particle is locked; unlock particle first"):
        history.do(MergeStructures(structure=other, into=particle))
    with pytest.raises(SettingError, match="shell lies inside particle, which is locked; unlock particle first"):
        history.do(TakeLeaves(structure=shell, leaves="1"))
    with pytest.raises(SettingError, match="particle is locked"):
        history.do(RemoveStructure(structure=particle))
    with pytest.raises(SettingError, match="particle is locked"):
        history.do(MoveStructure(structure=other, parent=particle))


def test_a_structure_is_merged_into_another_with_all_it_holds(history, make):
    shell, lumen = make("shell", [0]), make("lumen", [1])
    inner = make("core", [2], parent=lumen)
    history.do(PaintVoxels(structure=lumen, specimen=0, shape=SHAPE, voxels=_voxels(7)))
    history.do(MergeStructures(structure=lumen, into=shell))
    assert held(history, shell) == [0, 1, 2]
    assert history.annotation.structure(inner).parent == shell
    assert history.annotation.painting.cubes[(0, 0, 0, 0)].flat[7] == shell + 1
    with pytest.raises(SettingError, match="core lies inside shell; merge core into shell instead"):
        history.do(MergeStructures(structure=shell, into=inner))
    with pytest.raises(SettingError, match="shell cannot be merged with itself"):
        history.do(MergeStructures(structure=shell, into=shell))


def test_a_split_makes_structures_inside_the_one_that_is_split(history, make):
    particle = make("particle", [0, 1, 2, 3])
    parts = SplitStructure(structure=particle, parts=("0-1", "2"), names=("shell", "lumen"), colours=(RED, RED))
    history.do(parts)
    names = [one.name for one in history.annotation.children(particle)]
    assert names == ["shell", "lumen"]
    assert (held(history, particle), held(history, particle, whole=False)) == ([0, 1, 2, 3], [3])
    with pytest.raises(SettingError, match="particle holds nothing of a"):
        history.do(parts.model_copy(update={"names": ("a", "b")}))


def test_names_are_taken_once_and_never_empty(history, make):
    make("shell", [0])
    with pytest.raises(SettingError, match="There is already a structure 'shell'"):
        make("shell", [1])
    other = make("lumen", [1])
    with pytest.raises(SettingError, match="There is already a structure 'shell'"):
        history.do(RenameStructure(structure=other, name="shell"))
    with pytest.raises(ValueError, match="name: String should have at least 1 character"):
        edit_from({"kind": "rename", "structure": other, "name": "  "})


def test_a_structure_never_lies_inside_itself(history, make):
    outer = make("outer", [0])
    inner = make("inner", [1], parent=outer)
    with pytest.raises(SettingError, match="inner lies inside outer itself; move inner out of it first"):
        history.do(MoveStructure(structure=outer, parent=inner))


def test_a_leaf_is_not_opened(history):
    with pytest.raises(SettingError, match="A leaf is the smallest part there is"):
        history.do(OpenRegion(tree="parts", node=3))
    with pytest.raises(SettingError, match="There is no tree 'kinds'; trees: parts"):
        history.do(CloseRegion(tree="kinds", node=3))
    with pytest.raises(SettingError, match="There is no node 99; the tree parts has nodes 0 to 58"):
        history.do(OpenRegion(tree="parts", node=99))


def test_edits_of_other_regions_are_refused(history):
    with pytest.raises(SettingError, match="This edit belongs to other regions: leaves 40-41 are not among the 30"):
        history.do(MakeStructure(name="a", colour=RED, leaves="40-41"))
    with pytest.raises(SettingError, match="painted voxels lie outside the volume"):
        history.do(PaintVoxels(structure=None, specimen=0, shape=(1, 2, 3), voxels=_voxels(7)))


@pytest.mark.parametrize(
    "record",
    [
        {"kind": "make", "name": "a", "colour": [2, 0, 0], "leaves": ""},
        {"kind": "make", "name": "a", "colour": [1, 0, 0], "leaves": "3;4"},
        {"kind": "fly"},
        {"kind": "add", "structure": 0, "leaves": ""},
        {"kind": "open", "tree": "parts", "node": -1},
        {"kind": "reset", "tree": "parts", "more": 1},
        [],
    ],
)
def test_records_that_are_no_edits_are_refused(record):
    with pytest.raises(ValueError, match=": "):
        edit_from(record)


def _voxels(*flat):
    from napari_hypseg.structures.voxel_runs import encode_runs, runs_of

    return encode_runs(runs_of(flat))


def test_particles_are_marked_as_junk_and_kept_again(history, make):
    spikes = make("spikes", [0])
    mark = MarkJunk(structure=spikes, specimen=0, places=((1.5, 2.0, 3.25), (4.0, 5.0, 6.0)), junk=True)
    history.do(mark)
    assert history.undo_text == "mark 2 particles of spikes as junk"
    assert history.annotation.junk_places(spikes, 0) == {(1.5, 2.0, 3.25), (4.0, 5.0, 6.0)}
    assert history.annotation.junk_places(spikes, 1) == frozenset()
    with pytest.raises(SettingError, match="These particles of spikes are marked as junk already"):
        history.do(mark)
    again = edit_from(json.loads(mark.model_dump_json()))
    assert again == mark
    history.do(MarkJunk(structure=spikes, specimen=0, places=((4.0, 5.0, 6.0),), junk=False))
    assert history.undo_text == "keep a particle of spikes"
    assert history.annotation.junk_places(spikes, 0) == {(1.5, 2.0, 3.25)}
