"""Measuring from the window: the count, the table, layers of pieces and centroids, and the way out."""

import csv
from types import SimpleNamespace

import numpy as np
import pytest
from qtpy.QtCore import Qt

from napari_hypseg.hierarchy.tree import PARTS
from napari_hypseg.project.project import Project
from napari_hypseg.structures.edits import MakeStructure, TakeLeaves
from napari_hypseg.structures.leaf_ranges import to_ranges

PATIENCE = 60_000
REGIONS, ALL = -2, -1


@pytest.fixture
def panel(qtbot, dock, viewer, older):
    """The panel, with a structure of two pieces, 4 and 2 columns wide, in a volume of (6, 12, 24) voxels."""
    project = Project.open(older.path, write=True)
    make = MakeStructure(name="shell", colour=(1.0, 0.5, 0.0), leaves=to_ranges(np.array([0, 1, 5])), tree=PARTS)
    project.structures.do(make)
    project.close()
    viewer.layers.clear()
    viewer.open(older.path, plugin="napari-hypseg")
    qtbot.waitUntil(lambda: dock.model.project is not None, timeout=PATIENCE)
    dock.workspace.structures.activate(1)
    dock.explore.measure.click()
    return dock.measure


@pytest.fixture
def measure(qtbot, dock, panel):
    """Function that measures one of the choices."""

    def press(what):
        panel.form.what.setCurrentIndex(panel.form.what.findData(what))
        panel.form.measure.click()
        qtbot.waitUntil(lambda: dock.activity.kind is None, timeout=PATIENCE)

    return press


def test_pieces_are_counted_flown_to_shown_alone_and_written(qtbot, dock, viewer, panel, measure, tmp_path, told):
    assert panel.form.what.currentText() == "pieces of shell"
    measure(1)
    assert panel.count.text() == "2 pieces of shell"
    assert panel.details.text().endswith("2 cut off by the edge of the volume")
    assert panel.rows.table["voxels"].tolist() == [288, 144]
    panel.pieces.click()
    qtbot.waitUntil(lambda: "pieces of shell" in viewer.layers, timeout=PATIENCE)
    layer = viewer.layers["pieces of shell"]
    wanted = np.zeros((6, 12, 24), int)
    wanted[:, :, :4], wanted[:, :, 10:12] = 1, 2
    np.testing.assert_array_equal(layer.data, wanted)
    panel.table.sortByColumn(3, Qt.SortOrder.AscendingOrder)
    panel.table.selectRow(0)
    assert (layer.selected_label, layer.show_selected_label) == (2, True)
    assert viewer.dims.point[0] == pytest.approx(2.5, abs=0.5)
    assert viewer.scene.camera.center[1:] == pytest.approx((5.5, 10.5))
    panel.table.clearSelection()
    assert not layer.show_selected_label
    panel.filter.setText("voxels > 200")
    assert (panel.rows.rowCount(), panel.details.text().split(",")[0]) == (1, "1 shown")
    panel.points.click()
    points = viewer.layers["centroids of shell"]
    np.testing.assert_allclose(points.data, [[2.5, 5.5, 1.5]])
    assert points.features["name"].tolist() == ["shell #1"]
    panel.write_csv(tmp_path / "shell")
    qtbot.waitUntil(lambda: bool(told()), timeout=PATIENCE)
    lines = csv.DictReader((tmp_path / "shell.csv").read_text().splitlines())
    assert [line["voxels"] for line in lines] == ["288"]
    dock.model.project.structures.do(TakeLeaves(structure=1, leaves=to_ranges(np.array([1])), tree=PARTS))
    assert "structures have changed since" in panel.details.text()
    panel.filter.setText("")
    measure(1)
    qtbot.waitUntil(lambda: np.asarray(layer.data)[0, 0, 3] == 0, timeout=PATIENCE)
    assert panel.rows.table["voxels"].tolist() == [144, 144]


def test_regions_and_structures_are_chosen_by_their_rows(dock, panel, measure):
    measure(REGIONS)
    assert panel.count.text() == "5 regions"
    panel.table.selectRow(2)
    number = int(panel.rows.table["id"][2])
    leaves = np.asarray(dock.model.project.label_image().data[0, 0])
    assert np.flatnonzero(dock.model.selected_leaves).tolist() == sorted(set(np.flatnonzero(leaves == number) // 2))
    assert "only pieces" in panel.pieces.toolTip()
    dock.explore.slider.setValue(3)
    assert "other regions are shown now" in panel.details.text()
    measure(ALL)
    panel.table.selectRow(0)
    assert (panel.count.text(), dock.model.active.name) == ("1 structure", "shell")


def test_what_cannot_be_done_is_off_and_measuring_can_be_cancelled(qtbot, dock, panel):
    assert "nothing is measured" in panel.csv.toolTip()
    assert "only one specimen" in panel.form.specimen.toolTip()
    panel.form.what.setCurrentIndex(panel.form.what.findData(ALL))
    assert "only pieces" in panel.form.basic.editors["min_voxels"].widget.toolTip()
    panel.form.what.setCurrentIndex(panel.form.what.findData(1))
    panel.form.basic.editors["min_voxels"].set(13)
    panel.form.measure.click()
    qtbot.waitUntil(lambda: "left" in panel.form.job.progress.status.text(), timeout=PATIENCE)
    assert "being measured" in dock.learn.train.toolTip()
    panel.form.job.cancel.click()
    qtbot.waitUntil(lambda: dock.activity.kind is None, timeout=PATIENCE)
    assert panel.count.text() == "Nothing measured yet"


def test_a_project_that_another_program_writes_to_is_measured_all_the_same(qtbot, dock, viewer, older, told):
    other = Project.open(older.path, write=True, what="another window")
    viewer.layers.clear()
    viewer.open(older.path, plugin="napari-hypseg")
    qtbot.waitUntil(lambda: dock.model.project is not None, timeout=PATIENCE)
    dock.explore.measure.click()
    dock.measure.form.measure.click()
    qtbot.waitUntil(lambda: dock.activity.kind is None, timeout=PATIENCE)
    assert dock.measure.count.text() == "5 regions"
    other.close()


def test_the_table_stands_below_the_picture_where_there_is_room_and_goes_with_the_dock(dock, panel, viewer):
    assert panel.parent().isFloating()
    viewer.window.remove_dock_widget(panel)
    assert panel.parent() is None
    viewer.window._qt_window.resize(1700, 900)
    dock.explore.measure.click()
    assert not panel.parent().isFloating()


def test_the_table_goes_with_the_dock(dock, viewer, panel):
    viewer.window.remove_dock_widget(dock)
    assert panel.parent() is None


def test_pieces_are_previewed_with_their_count_before_anything_is_measured(qtbot, dock, viewer, panel, measure, told):
    panel.form.what.setCurrentIndex(panel.form.what.findData(1))
    panel.form.preview.click()
    assert panel.count.text() == "… pieces of shell"
    qtbot.waitUntil(lambda: "pieces of shell (preview)" in viewer.layers, timeout=PATIENCE)
    layer = viewer.layers["pieces of shell (preview)"]
    assert (panel.count.text(), panel.details.text()) == ("2 pieces of shell", "preview: Measure makes the table")
    assert np.unique(layer.data[0]).tolist() == [0, 1, 2]
    found = dock.workspace.pieces.found
    panel.form.basic.editors["min_voxels"].set(200)
    assert panel.count.text() == "1 piece of shell"
    assert panel.details.text() == "preview: 1 smaller left out, Measure makes the table"
    assert (np.unique(layer.data[0]).tolist(), dock.workspace.pieces.found is found) == ([0, 1], True)
    panel.form.basic.editors["min_voxels"].set(1)
    assert np.unique(layer.data[0]).tolist() == [0, 1, 2]
    dock.model.project.structures.do(TakeLeaves(structure=1, leaves=to_ranges(np.array([5])), tree=PARTS))
    qtbot.waitUntil(lambda: panel.count.text() == "1 piece of shell", timeout=PATIENCE)
    dock.model.project.structures.undo()
    panel.form.advanced.editors["connectivity"].set(6)
    qtbot.waitUntil(lambda: panel.count.text() == "2 pieces of shell", timeout=PATIENCE)
    measure(1)
    qtbot.waitUntil(lambda: "pieces of shell" in viewer.layers, timeout=PATIENCE)
    assert (viewer.layers["pieces of shell"] is layer, panel.form.preview.isChecked()) == (True, False)
    assert (panel.count.text(), panel.rows.table["voxels"].tolist()) == ("2 pieces of shell", [288, 144])
    assert told() == []


def test_a_preview_that_is_not_wanted_any_more_leaves_nothing(qtbot, dock, viewer, panel, told):
    panel.form.what.setCurrentIndex(panel.form.what.findData(1))
    before = list(viewer.layers)
    panel.form.preview.click()
    qtbot.waitUntil(lambda: "pieces of shell (preview)" in viewer.layers, timeout=PATIENCE)
    panel.form.what.setCurrentIndex(panel.form.what.findData(ALL))
    assert (list(viewer.layers), panel.count.text()) == (before, "Nothing measured yet")
    assert "only pieces" in panel.form.preview.toolTip()
    panel.form.what.setCurrentIndex(panel.form.what.findData(1))
    assert not panel.form.preview.isChecked()
    panel.form.preview.click()
    dock.model.project = None
    assert (dock.workspace.pieces.wanted, told()) == (None, [])


def test_a_piece_that_is_clicked_in_the_picture_has_its_row_chosen(qtbot, dock, viewer, panel, measure, told):
    measure(1)
    panel.pieces.click()
    qtbot.waitUntil(lambda: "pieces of shell" in viewer.layers, timeout=PATIENCE)
    layer, clicks = viewer.layers["pieces of shell"], dock.workspace.piece_clicks
    qtbot.waitUntil(lambda: viewer.layers.selection.active is layer, timeout=PATIENCE)
    panel.table.sortByColumn(3, Qt.SortOrder.AscendingOrder)
    centre = tuple(viewer.scene.camera.center)
    press(viewer, layer, (2, 5, 11))
    assert panel.rows.table["id"][panel.table.chosen()] == 2
    assert (tuple(viewer.scene.camera.center), layer.show_selected_label) == (centre, False)
    press(viewer, layer, (2, 5, 1))
    assert panel.rows.table["id"][panel.table.chosen()] == 1
    panel.filter.setText("voxels < 200")
    press(viewer, layer, (2, 5, 1))
    assert (panel.table.chosen(), told()) == (None, ["Piece 1 is left out by the filter of the table."])
    press(viewer, layer, (2, 5, 8))
    assert panel.table.chosen() is None
    heard = []
    clicks.clicked.connect(lambda *values: heard.append(values))
    layer.mode = "paint"
    press(viewer, layer, (2, 5, 1))
    layer.mode = "pan_zoom"
    viewer.layers.selection.active = viewer.layers["regions"]
    press(viewer, layer, (2, 5, 1))
    assert heard == []


def press(viewer, layer, voxel):
    """Press and release the left button over a voxel (z, y, x)."""
    from napari.utils.interactions import mouse_press_callbacks, mouse_release_callbacks

    where = {
        "pos": np.zeros(2), "button": 1, "modifiers": (), "position": layer.data_to_world(voxel),
        "view_direction": None, "dims_displayed": [1, 2],
    }  # fmt: skip
    event = SimpleNamespace(type="mouse_press", handled=False, **where)
    mouse_press_callbacks(viewer, event)
    event.type = "mouse_release"
    mouse_release_callbacks(viewer, event)
