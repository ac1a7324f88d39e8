"""Clicks and keys as a person makes them, on four leaves in slabs: ((0 1) (2 3))."""

import numpy as np
import pytest
from qtpy.QtCore import QObject

from napari_hypseg._qt.controllers.structures import StructureController
from napari_hypseg._qt.layers.canvas_input import Click, Joins
from napari_hypseg._qt.model import WindowModel
from napari_hypseg.errors import ProjectError, SettingError
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from tests.project.conftest import SHAPE, cell, learn, segment


@pytest.fixture
def model(tmp_path):
    project = Project.create(tmp_path / "cell", [cell()], RunSettings())
    learn(project)
    segment(project)
    project.reload()
    model = WindowModel()
    model.project = project
    project.set_regions(2)
    yield model
    project.close()


@pytest.fixture
def parent(qapp):
    return QObject()


@pytest.fixture
def structures(model, parent):
    return StructureController(model, parent)


def at(leaf, joins=Joins.REPLACES):
    """A click on a voxel of a leaf, 4 for none."""
    z, y, x = np.unravel_index(leaf * 84 + 5, SHAPE) if leaf < 4 else (-3, 0, 0)
    return Click(None, 0, (int(z), int(y), int(x)), 0, joins)


def selected(model):
    return np.flatnonzero(model.selected_leaves).tolist()


def held(model, name):
    annotation = model.annotation
    return np.flatnonzero(annotation.leaves(annotation.structure(name).id)).tolist()


def test_a_click_selects_the_region_and_the_keys_walk_to_parent_and_leaf(model, structures):
    lines = []
    structures.status_changed.connect(lines.append)
    structures.click(at(1))
    assert selected(model) == [0, 1]
    assert lines[-1] == "node 2 of 3 above this voxel, 168 voxels, 50.0% of the sample"
    structures.walk(1)
    assert selected(model) == [0, 1, 2, 3]
    structures.walk(-5)
    assert selected(model) == [1]
    structures.click(at(4))
    assert model.selected_leaves is None
    assert lines[-1] == ""


def test_shift_joins_and_control_separates_while_nothing_is_made_yet(model, structures):
    structures.click(at(0))
    structures.click(at(3, Joins.ADDS))
    assert selected(model) == [0, 1, 2, 3]
    structures.click(at(2, Joins.TAKES))
    structures.walk(-1)
    assert selected(model) == [0, 1, 3]
    structures.accept("shell")
    assert held(model, "shell") == [0, 1, 3]
    assert model.active.name == "shell"
    assert model.selection is None


def test_with_a_structure_chosen_clicks_change_it_and_walking_changes_the_last_click(model, structures):
    structures.click(at(0))
    structures.walk(-1)
    structures.accept("shell")
    model.project.set_regions(4)
    structures.click(at(2, Joins.ADDS))
    assert held(model, "shell") == [0, 2]
    structures.walk(1)
    assert held(model, "shell") == [0, 2, 3]
    structures.click(at(3, Joins.TAKES))
    assert held(model, "shell") == [0, 2]
    structures.undo()
    structures.undo()
    assert held(model, "shell") == [0]
    structures.redo()
    assert held(model, "shell") == [0, 2, 3]
    with pytest.raises(SettingError, match="shell holds all of this already"):
        structures.click(at(3, Joins.ADDS))


def test_a_click_on_a_structure_chooses_it_and_another_the_region_there(model, structures):
    structures.click(at(0))
    structures.accept("shell")
    structures.activate(None)
    structures.click(at(1))
    assert model.active.name == "shell"
    assert model.selection is None
    structures.click(at(1))
    assert selected(model) == [0, 1]
    structures.walk(-1)
    assert selected(model) == [1]
    structures.clear()
    assert model.active.name == "shell"
    structures.clear()
    assert model.active is None


def test_a_part_of_the_chosen_structure_becomes_a_structure_inside_it(model, structures):
    structures.click(at(0))
    structures.accept("particle")
    structures.click(at(1))
    structures.walk(-1)
    structures.accept("lumen")
    assert model.annotation.structure("lumen").parent == 1
    assert (held(model, "particle"), held(model, "lumen")) == ([0, 1], [1])


def test_more_like_this_is_striped_until_it_is_taken(model, structures):
    with pytest.raises(SettingError, match="Nothing is selected; click a region to find others like it"):
        structures.suggest(0.5)
    structures.click(at(0))
    structures.walk(-1)
    structures.accept("shell")
    structures.suggest(0.1)
    assert np.flatnonzero(model.suggestion).tolist() == [1]
    structures.suggest(1)
    assert np.flatnonzero(model.suggestion).tolist() == [1, 2, 3]
    structures.clear()
    assert model.suggestion is None
    assert model.active.name == "shell"
    structures.suggest(0.1)
    structures.accept()
    assert held(model, "shell") == [0, 1]
    assert model.suggestion is None


def test_what_is_selected_is_added_to_the_chosen_structure(model, structures):
    structures.click(at(0))
    structures.walk(-1)
    structures.accept("shell")
    structures.click(at(3))
    structures.accept()
    assert held(model, "shell") == [0, 2, 3]
    structures.clear()
    with pytest.raises(SettingError, match="Nothing is selected; click a region first"):
        structures.accept()


def test_a_structure_is_split_along_the_tree_and_merged_again(model, structures):
    structures.click(at(0))
    structures.walk(1)
    structures.accept("particle")
    structures.split(1, 3)
    assert [one.name for one in model.annotation.children(1)] == ["particle A", "particle B", "particle C"]
    assert sorted(held(model, f"particle {letter}") for letter in "ABC") == [[0, 1], [2], [3]]
    structures.merge(2, 3)
    assert len(model.annotation.children(1)) == 2
    with pytest.raises(SettingError, match=r"particle has too few leaves of its own \(0\) to be split into 2"):
        structures.split(1, 2)


def test_a_leaf_is_not_split(model, structures):
    structures.click(at(0))
    structures.walk(-1)
    structures.accept("grain")
    with pytest.raises(SettingError, match=r"grain has too few leaves of its own \(1\) to be split into 2"):
        structures.split(1, 2)


def test_regions_are_opened_and_closed_where_one_stands_whatever_the_slider_says(model, structures):
    structures.click(at(0))
    structures.open_here()
    assert selected(model) == [0]
    assert model.cut.n_regions == 3
    model.project.set_regions(1)
    assert model.cut.n_regions == 3
    structures.close_here()
    assert selected(model) == [0, 1, 2, 3]
    model.project.set_regions(4)
    assert model.cut.nodes == (2, 3, 4)
    structures.reset_regions()
    assert model.cut.n_regions == 4
    structures.undo()
    assert model.cut.nodes == (2, 3, 4)


def test_the_brush_gives_voxels_to_the_chosen_structure_and_leaves_locked_ones_alone(model, structures):
    voxels = np.array([[0, 0, 0], [0, 0, 1], [5, 6, 7]])
    with pytest.raises(SettingError, match="Choose the structure to paint in"):
        structures.paint(0, voxels, erase=False)
    structures.click(at(0))
    structures.walk(-1)
    structures.accept("shell")
    structures.lock(1, True)
    structures.activate(None)
    structures.click(at(3))
    structures.accept("lumen")
    structures.paint(0, voxels[:2], erase=False)
    assert model.structures.undo_text == "make lumen"
    some = np.array([[0, 0, 0], [1, 5, 0]])
    structures.paint(0, some, erase=False, over=False)
    assert model.annotation.painting
    assert not model.structures.annotation.painting
    structures.paint(0, some, erase=False)
    assert model.structures.owners()[0:2, 0:6:5, 0].tolist() == [[1, 1], [1, 2]]
    structures.paint(0, np.array([[1, 5, 0], [0, 0, 3]]), erase=True)
    assert model.structures.undo_text == "erase"
    assert model.structures.owners()[0:2, 0:6:5, 0].tolist() == [[1, 1], [1, 0]]


def test_a_key_that_is_held_down_says_quietly_that_nothing_is_left_to_undo(model, structures):
    lines = []
    structures.status_changed.connect(lines.append)
    structures.click(at(1))
    structures.accept("pair")
    for _ in range(3):
        structures.undo()
    assert lines[-1] == "There is nothing to undo."
    structures.redo()
    structures.redo()
    assert lines[-1] == "There is nothing to redo."
    assert held(model, "pair") == [0, 1]


def test_a_project_that_is_only_read_says_so_and_nothing_changes(model, structures):
    model.project.close()
    structures.click(at(0))
    with pytest.raises(ProjectError, match="was closed; open it again to change it"):
        structures.accept("shell")
    assert model.annotation.structures == {}


def test_without_regions_one_sentence_says_what_to_do(parent):
    structures = StructureController(WindowModel(), parent)
    with pytest.raises(ProjectError, match="There are no regions yet; train first"):
        structures.click(at(0))
