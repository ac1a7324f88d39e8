import numpy as np
import pytest

from napari_hypseg.errors import SettingError
from napari_hypseg.structures.edits import LockStructure
from napari_hypseg.structures.stroke import stroke_edit
from napari_hypseg.structures.structure_arrays import OwnerArray


def voxels(*places):
    return np.array(places, dtype=np.int64).reshape(-1, 3)


def test_locked_and_outer_voxels_stay_as_they_are(history, make, leaves):
    shell, lumen = make("shell", list(range(10))), make("lumen", list(range(10, 20)))
    history.do(LockStructure(structure=lumen, locked=True))
    block = np.argwhere(np.ones((6, 8, 8))) + np.array([0, 3, 5])
    history.do(stroke_edit(history.annotation, leaves, 0, shell, block, erase=False))
    ids = leaves[:6, 3:11, 5:13]
    expected = np.select([ids == 0, (ids > 10) & (ids <= 20)], [0, lumen], shell)
    np.testing.assert_array_equal(OwnerArray(leaves, history.annotation)[:6, 3:11, 5:13], expected)
    with pytest.raises(SettingError, match="lumen is locked; unlock lumen first"):
        stroke_edit(history.annotation, leaves, 0, lumen, block, erase=True)


def test_what_is_erased_falls_to_the_structure_around(history, make, leaves):
    particle = make("particle", list(range(30)))
    core = make("core", [4], parent=particle)
    place = np.argwhere(leaves == 5)[:3]
    history.do(stroke_edit(history.annotation, leaves, 0, core, place, erase=True))
    assert OwnerArray(leaves, history.annotation)[:][tuple(place.T)].tolist() == [particle] * 3
    history.do(stroke_edit(history.annotation, leaves, 0, particle, place, erase=True))
    assert OwnerArray(leaves, history.annotation)[:][tuple(place.T)].tolist() == [0] * 3


def test_a_stroke_that_changes_nothing_is_no_edit_and_one_outside_is_told(history, make, leaves):
    particle = make("particle", list(range(30)))
    assert stroke_edit(history.annotation, leaves, 0, particle, voxels((5, 5, 5)), erase=False) is None
    assert stroke_edit(history.annotation, leaves, 0, particle, voxels(), erase=False) is None
    with pytest.raises(SettingError, match="This lies outside the box or mask that was segmented"):
        stroke_edit(history.annotation, leaves, 0, particle, voxels((0, 5, 5)), erase=False)


def test_a_stroke_beyond_the_grid_counts_where_it_lies_inside(history, make, leaves):
    particle = make("particle", [0])
    place = np.argwhere(leaves == 9)[0]
    edit = stroke_edit(history.annotation, leaves, 0, particle, voxels(place, (5, -1, 5), (500, 5, 5)), erase=False)
    assert edit is not None
    assert edit == stroke_edit(history.annotation, leaves, 0, particle, voxels(place), erase=False)
    with pytest.raises(SettingError, match="This lies outside the box or mask that was segmented"):
        stroke_edit(history.annotation, leaves, 0, particle, voxels((500, 5, 5)), erase=False)
