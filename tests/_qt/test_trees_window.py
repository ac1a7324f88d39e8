"""Two trees in a real window: the slider walks the chosen one, a click offers the nodes of both."""

import json

import numpy as np
import pytest

from napari_hypseg._qt.layers.canvas_input import Joins
from napari_hypseg._qt.panels.tree_charts import TreeCharts
from napari_hypseg.errors import SettingError
from napari_hypseg.hierarchy.tree import KINDS, PARTS
from napari_hypseg.project.project import Project

LEAVES = 12


@pytest.fixture
def explored(dock, train):
    """The dock with regions, four of them shown."""
    train()
    dock.explore.number.setValue(4)
    assert dock.model.cut.n_regions == 4
    return dock


def regions(dock):
    """Region of each leaf as the layer shows it."""
    (layer,) = dock.workspace.view.regions()
    return np.asarray(layer.table.regions)[1 : LEAVES + 1].tolist()


def alike(regions, *leaves):
    return len({regions[leaf] for leaf in leaves}) == 1


def press(dock, tree):
    dock.explore.tree.buttons[tree].click()


def test_the_switch_lets_the_slider_cut_the_other_tree_and_back(explored, qtbot):
    assert explored.explore.tree.current == PARTS
    before = regions(explored)
    press(explored, KINDS)
    assert explored.model.tree is explored.model.trees[KINDS]
    assert explored.explore.number.value() == 4
    assert alike(regions(explored), 1, 4)
    assert not alike(regions(explored), 0, 1)
    for number in (3, 4):
        explored.explore.number.setValue(number)
        qtbot.waitUntil(lambda number=number: len(set(regions(explored))) == number)
    press(explored, PARTS)
    assert regions(explored) == before


def test_what_is_selected_and_what_was_made_stay(explored):
    control = explored.workspace.structures
    control.click_leaf(0, Joins.REPLACES)
    control.accept("slab")
    control.click_leaf(11, Joins.REPLACES)
    chosen = explored.model.chosen_leaves.copy()
    owners = explored.model.annotation.owners.copy()
    press(explored, KINDS)
    np.testing.assert_array_equal(explored.model.chosen_leaves, chosen)
    np.testing.assert_array_equal(explored.model.annotation.owners, owners)
    control.accept("end")
    annotation = explored.model.annotation
    np.testing.assert_array_equal(annotation.leaves(annotation.structure("end").id), chosen)


def test_a_click_walks_up_both_trees_and_says_which_a_node_is_of(explored):
    control, model = explored.workspace.structures, explored.model
    control.click_leaf(7, Joins.REPLACES)
    control.walk(-100)
    path = model.selection.path(model.trees)
    seen, words = [model.chosen_leaves.tolist()], [explored.structures.line.text()]
    for _ in path[1:]:
        control.walk(1)
        seen.append(model.chosen_leaves.tolist())
        words.append(explored.structures.line.text())
    assert len({tuple(one) for one in seen}) == len(path)
    assert [sum(one) for one in seen] == sorted(sum(one) for one in seen)
    assert {step.tree for step in path} == {PARTS, KINDS}
    for number, (step, said) in enumerate(zip(path, words, strict=True), start=1):
        assert f"node {number} of {len(path)} above this voxel ({step.tree})" in said


def test_what_was_added_can_be_widened_to_a_node_of_the_other_tree(explored):
    control, model = explored.workspace.structures, explored.model
    control.click_leaf(0, Joins.REPLACES)
    control.accept("shell")
    control.click_leaf(11, Joins.ADDS)
    before = model.annotation.leaves(1)
    for _ in range(20):
        control.walk(1)
        edit = model.structures.steps[-1].edit
        if edit.tree == KINDS:
            break
    assert edit.tree == KINDS
    assert model.annotation.leaves(1).sum() >= before.sum()
    assert len(model.structures.steps) == 2, "walking amends the one edit"


def test_regions_are_opened_in_the_tree_that_is_shown(explored):
    control, model = explored.workspace.structures, explored.model
    press(explored, KINDS)
    control.click_leaf(1, Joins.REPLACES)
    control.open_here()
    assert model.cut.n_regions == 5
    press(explored, PARTS)
    assert model.cut.n_regions == 4
    control.click_leaf(1, Joins.REPLACES)
    press(explored, KINDS)
    assert model.cut.n_regions == 5
    with pytest.raises(SettingError, match="group by parts first"):
        control.open_here()
    control.reset_regions()
    assert model.cut.n_regions == 4


def test_the_charts_draw_the_tree_that_is_shown(explored, qtbot):
    model = explored.model
    charts = TreeCharts(model, explored.workspace.structures, explored.workspace.thumbnails, "dark")
    qtbot.addWidget(charts)
    charts.show()
    drawn = []
    for name in (PARTS, KINDS):
        press(explored, name)
        drawn.append(charts._drawn[0])
        charts._click(model.trees[name].root - 1, Joins.REPLACES)
        assert (model.selection.tree, model.selection.node) == (name, model.trees[name].root - 1)
    assert drawn == [model.trees[PARTS], model.trees[KINDS]]
    press(explored, PARTS)
    charts._step(forward=True)
    assert model.selection.tree == PARTS


def test_levels_of_both_trees_are_kept_side_by_side(explored, viewer):
    press(explored, KINDS)
    explored.explore.name.setText("by kind")
    explored.explore.keep.click()
    press(explored, PARTS)
    level = explored.model.project.level("by kind")
    assert level.tree == KINDS
    kept = np.asarray(viewer.layers["by kind"].table.regions)[1 : LEAVES + 1].tolist()
    assert alike(kept, 1, 4)
    assert not alike(kept, 0, 1)


def test_the_choice_is_there_again_when_the_project_is_opened(explored, dock, viewer, qtbot):
    press(explored, KINDS)
    project = explored.model.project
    explored.workspace.view_state.save()
    assert json.loads((project.path / "view.json").read_text())["tree"] == KINDS
    explored.model.project = None
    project.close()
    viewer.layers.clear()
    viewer.open(project.path, plugin="napari-hypseg")
    qtbot.waitUntil(lambda: dock.model.project is not None and dock.explore.tree.current == KINDS)
    assert dock.model.cut.tree == KINDS


def test_regions_of_an_earlier_version_have_one_tree_and_the_reason_is_told(dock, viewer, qtbot, older):
    project = Project.open(older.path, write=True)
    segmentation = project.segmentation
    (leaves,) = project.store.start_segmentation([segmentation.leaves[0].shape])
    leaves[:] = segmentation.leaves[0][...]
    project.store.finish_segmentation({PARTS: segmentation.hierarchy}, {"method": "fake"})
    project.close()
    viewer.layers.clear()
    viewer.open(older.path, plugin="napari-hypseg")
    qtbot.waitUntil(lambda: dock.model.project is not None)
    parts, kinds = (dock.explore.tree.buttons[name] for name in (PARTS, KINDS))
    assert (parts.isEnabled(), parts.isChecked(), kinds.isEnabled()) == (True, True, False)
    assert f"hypseg regroup {older.path.name}" in kinds.toolTip()
