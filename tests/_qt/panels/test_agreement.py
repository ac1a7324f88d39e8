"""Agreement with labels in the window: counted once, then in step with slider, edits and the labels themselves."""

import numpy as np
import pytest
from napari.layers import Labels
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from napari_hypseg._qt.widgets.agreement_model import CLASS, NODE, SHOWN, UNION
from napari_hypseg.hierarchy.contingency import contingency
from napari_hypseg.hierarchy.scores import best_node_dice, matched_dice
from napari_hypseg.hierarchy.tree import KINDS, PARTS
from napari_hypseg.project.project import Project
from napari_hypseg.structures.edits import MakeStructure, PaintVoxels
from napari_hypseg.structures.leaf_ranges import to_ranges
from napari_hypseg.structures.voxel_runs import encode_runs, runs_of

PATIENCE = 60_000
SHAPE = (6, 12, 24)
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(qtbot, dock, viewer, older):
    """The panel, unfolded, beside a volume of (6, 12, 24) voxels, leaves 2 columns wide."""
    viewer.layers.clear()
    viewer.open(older.path, plugin="napari-hypseg")
    qtbot.waitUntil(lambda: dock.model.project is not None, timeout=PATIENCE)
    viewer.window._qt_window.show()
    dock.steps[3].expand()
    dock.explore.agreement.expand()
    qtbot.waitUntil(dock.agreement.isVisible, timeout=PATIENCE)
    yield dock.agreement
    viewer.window._qt_window.hide()


@pytest.fixture
def labels(viewer, panel):
    """A layer in which columns 0–7 are class 2 and 8–15 are class 5, named core."""
    values = np.zeros(SHAPE, dtype=np.int32)
    values[..., :8], values[..., 8:16] = 2, 5
    layer = Labels(values, name="mine", features={"index": [5], "name": ["core"]})
    viewer.add_layer(layer)
    return layer


@pytest.fixture
def choose(qtbot, dock, panel):
    """Function that chooses the layer of a name and waits until its voxels are counted, or were found not to fit."""

    def chosen(name="mine"):
        panel.labels.setCurrentIndex(panel.labels.findText(name))
        panel.labels.activated.emit(panel.labels.currentIndex())
        settle(qtbot, dock)

    return chosen


def settle(qtbot, dock):
    agreement = dock.workspace.agreement
    qtbot.waitUntil(lambda: agreement.progress is None and not agreement._again.isActive(), timeout=PATIENCE)


def cell(panel, row, column):
    return panel.rows.rows[row].texts[column]


def voxels(panel, row):
    """How many voxels the tooltip of a class says that it has."""
    words = panel.rows.rows[row].tooltips[CLASS]
    assert words.endswith(" voxels")
    return words.removesuffix(" voxels").split(": ")[-1].replace("\N{THIN SPACE}", "")


def click(panel, row, column):
    place = panel.table.visualRect(panel.rows.index(row, column)).center()
    QTest.mouseClick(panel.table.viewport(), LEFT, pos=place)


def test_each_class_has_a_row_that_follows_the_slider(qtbot, dock, panel, labels, choose):
    assert not panel.table.isVisible()
    choose()
    project = dock.model.project
    tree, table = project.hierarchy, contingency(project.leaves[0], labels.data, 12)
    assert [cell(panel, row, CLASS) for row in range(3)] == ["background", "2", "5 core"]
    assert [voxels(panel, row) for row in range(3)] == ["576", "576", "576"]
    for n_regions in (2, 5, 12):
        dock.explore.number.setValue(n_regions)
        score = matched_dice(table, tree, project.cut())
        text = f"{score.matched_dice:.3f}"
        qtbot.waitUntil(lambda text=text: text in panel.summary.text(), timeout=PATIENCE)
        shown = [cell(panel, row, SHOWN) for row in range(3)]
        assert shown == [f"{dice:.2f}" if dice else "–" for dice in score.per_class.values()]
    for row, label in enumerate((0, 2, 5)):
        assert cell(panel, row, NODE).startswith(f"{best_node_dice(table, tree, [label])[0]:.2f} at ")
        assert cell(panel, row, UNION) == "1.00"
    np.testing.assert_allclose(panel.rows.rows[2].class_colour, labels.get_color(5))


def test_a_click_selects_best_node_best_union_or_what_is_shown(qtbot, dock, panel, labels, choose):
    choose()
    model, limits = dock.model, dock.workspace.agreement.counts.limits
    for column in (CLASS, NODE):
        dock.workspace.structures.clear()
        click(panel, 1, column)
        assert model.selection.node == limits[1].node
    click(panel, 2, UNION)
    np.testing.assert_array_equal(np.flatnonzero(model.selected_leaves), [4, 5, 6, 7])
    rows = dock.workspace.view.regions()[0].table.rows
    assert (rows[5:9, 3] == 1).all()
    assert rows[1, 3] < 0.2
    dock.workspace.structures.accept("core")
    qtbot.waitUntil(lambda: cell(panel, 2, SHOWN) == "1.00", timeout=PATIENCE)
    dock.workspace.structures.activate(None)
    click(panel, 2, SHOWN)
    assert model.active.name == "core"
    np.testing.assert_allclose(panel.rows.rows[2].shown_colour, model.active.colour)


def test_the_best_node_of_the_other_tree_is_selected_in_that_tree(qtbot, dock, panel, labels, choose):
    model, trees = dock.model, dock.model.trees
    leaf_sets = {
        name: {frozenset(tree.leaves_of(node).tolist()): node for node in range(tree.root)}
        for name, tree in trees.items()
    }
    leaves = min(set(leaf_sets[KINDS]) - set(leaf_sets[PARTS]), key=len)
    own = np.isin(model.project.leaves[0][:], np.array(sorted(leaves)) + 1)
    labels.data = np.where(own, 3, 0).astype(np.int32)
    choose()
    limit = dock.workspace.agreement.counts.limits[1]
    assert (limit.tree, limit.node_dice) == (KINDS, 1.0)
    assert model.tree.name == PARTS
    n_regions = dock.explore.number.value()
    click(panel, 1, NODE)
    assert model.tree.name == dock.explore.tree.current == KINDS
    assert (model.selection.tree, model.selection.node) == (KINDS, leaf_sets[KINDS][leaves])
    assert dock.explore.number.value() == n_regions
    qtbot.waitUntil(lambda: cell(panel, 1, NODE).startswith("1.00 at "), timeout=PATIENCE)


def test_structures_count_with_what_is_painted_and_with_what_is_undone(qtbot, dock, panel, labels, choose):
    choose()
    structures = dock.model.project.structures
    structures.do(MakeStructure(name="core", colour=(1.0, 0.0, 0.0), leaves=to_ranges(np.arange(4, 8)), tree=PARTS))
    qtbot.waitUntil(lambda: cell(panel, 2, SHOWN) == "1.00", timeout=PATIENCE)
    voxels = np.flatnonzero(labels.data == 5)[:288]
    structures.do(PaintVoxels(structure=None, specimen=0, shape=SHAPE, voxels=encode_runs(runs_of(voxels))))
    qtbot.waitUntil(lambda: cell(panel, 2, SHOWN) == "0.67", timeout=PATIENCE)
    structures.undo()
    qtbot.waitUntil(lambda: cell(panel, 2, SHOWN) == "1.00", timeout=PATIENCE)


def test_labels_that_are_painted_or_replaced_are_counted_again(qtbot, dock, panel, labels, choose):
    choose()
    labels.brush_size = 1
    labels.paint((0, 1, 20), 7)
    qtbot.waitUntil(lambda: len(panel.rows.rows) == 4, timeout=PATIENCE)
    assert voxels(panel, 3) == "1"
    labels.undo()
    qtbot.waitUntil(lambda: len(panel.rows.rows) == 3, timeout=PATIENCE)
    labels.data = np.ones(SHAPE, dtype=np.uint8)
    qtbot.waitUntil(lambda: [row.texts[CLASS] for row in panel.rows.rows] == ["1"], timeout=PATIENCE)


def test_all_labels_can_be_one_class_and_unlabelled_voxels_left_out(qtbot, dock, panel, labels, choose):
    choose()
    panel.together.click()
    settle(qtbot, dock)
    assert [voxels(panel, row) for row in range(panel.rows.rowCount())] == ["576", "1152"]
    panel.labelled_only.click()
    settle(qtbot, dock)
    assert [voxels(panel, row) for row in range(panel.rows.rowCount())] == ["1152"]
    assert cell(panel, 0, NODE).startswith("1.00 at")


def test_a_layer_on_another_grid_is_refused_in_one_sentence_and_a_removed_one_forgotten(
    qtbot, dock, panel, viewer, labels, choose, told
):
    viewer.add_labels(np.ones((6, 12, 20), dtype=np.uint8), name="other")
    choose("other")
    assert "other has 6×12×20 voxels (z, y, x) but older has 6×12×24" in panel.summary.text()
    assert not panel.table.isVisible()
    choose()
    assert len(panel.rows.rows) == 3
    assert panel.table.isVisible()
    viewer.layers.remove(labels)
    assert dock.workspace.agreement.choice is None
    assert panel.labels.currentText() == "none"
    assert not panel.table.isVisible()
    assert told() == []


def test_counting_ends_when_it_is_cancelled_or_the_project_goes(qtbot, dock, panel, labels, older):
    agreement = dock.workspace.agreement
    panel.labels.setCurrentIndex(panel.labels.findText("mine"))
    panel.labels.activated.emit(1)
    assert panel.cancel.isVisible()
    panel.cancel.click()
    assert agreement.choice is None
    QTest.qWait(100)
    assert agreement.counts is None
    assert not panel.cancel.isVisible()
    panel.labels.setCurrentIndex(panel.labels.findText("mine"))
    panel.labels.activated.emit(1)
    dock.model.project = None
    settle(qtbot, dock)
    assert agreement.counts is None
    assert panel.labels.toolTip().count("train first")
    dock.model.project = Project.open(older.path)
    settle(qtbot, dock)
    assert len(panel.rows.rows) == 3
    dock.model.project = None
