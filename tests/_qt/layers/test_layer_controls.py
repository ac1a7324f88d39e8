"""napari's own controls on our layers, worked with mouse and keys in a real window."""

import numpy as np
import pytest
from qtpy.QtCore import QEvent, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtWidgets import QApplication

from napari_hypseg._napari.layer_sync import add_leaf_layer
from napari_hypseg._napari.leaf_table import LeafTable
from napari_hypseg._qt.layers.layer_controls import COLOURS_ARE_KEPT, NOT_PAINTED, NOT_POINTS
from napari_hypseg.volumes import Box

Button, Key = Qt.MouseButton, Qt.Key
PAINTING = ("paint_button", "erase_button", "fill_button", "polygon_button")


@pytest.fixture
def viewer(make_napari_viewer):
    viewer = make_napari_viewer(show=True)
    viewer.window.resize(1000, 700)
    grey = np.random.default_rng(0).normal(size=(8, 36, 36)).astype(np.float32)
    viewer.add_image(grey, name="tomo", scale=(8, 8, 8), units=("angstrom",) * 3)
    return viewer


@pytest.fixture
def regions(viewer, dock):
    """Four leaves as quadrants, which are three regions."""
    leaves = np.zeros((8, 36, 36), dtype=np.uint16)
    leaves[:, :18, :18], leaves[:, :18, 18:], leaves[:, 18:, :18], leaves[:, 18:, 18:] = 1, 2, 3, 4
    colours = np.array([(0, 0, 0, 0), (1, 0, 0, 1), (0, 1, 0, 1), (0, 1, 0, 1), (0, 0, 1, 1)], dtype=np.float32)
    table = LeafTable(colours, np.array([0, 1, 2, 2, 3], dtype=np.uint16), {1: "membrane"})
    layer = add_leaf_layer(viewer, leaves, table, voxel_size=(8, 8, 8), unit="angstrom")
    QApplication.processEvents()
    return layer


@pytest.fixture
def controls(viewer, regions):
    return viewer.window._qt_viewer.controls.widgets[regions]


@pytest.fixture
def drag(qtbot, viewer):
    """Function that drags the mouse over the canvas, from voxel (y, x) of the slice in view to another."""
    canvas = viewer.window._qt_viewer.canvas

    def place(voxel):
        zero, one = (np.array(canvas._map_canvas2world(p, canvas.view))[-2:] for p in ((0, 0), (100, 100)))
        row, column = 100 * (np.array(voxel) * 8 - zero) / (one - zero)
        return QPointF(column, row)

    def act(start, stop):
        for kind, voxel in (("ButtonPress", start), ("Move", stop), ("ButtonRelease", stop)):
            where = place(voxel)
            button = Button.NoButton if kind == "Move" else Button.LeftButton
            now = Button.NoButton if kind == "ButtonRelease" else Button.LeftButton
            event = QMouseEvent(
                getattr(QEvent.Type, f"Mouse{kind}"), where, canvas.native.mapToGlobal(where), button, now,
                Qt.KeyboardModifier.NoModifier,
            )  # fmt: skip
            QApplication.sendEvent(canvas.native, event)
            qtbot.wait(20)

    return act


def test_no_key_and_no_button_paints(qtbot, viewer, regions, controls, drag):
    before, canvas = regions.data.copy(), viewer.window._qt_viewer.canvas.native
    for key in (Key.Key_1, Key.Key_2, Key.Key_3, Key.Key_4):
        qtbot.keyClick(canvas, key)
        drag((6, 6), (8, 12))
    for name in PAINTING:
        qtbot.mouseClick(getattr(controls, name), Button.LeftButton)
        drag((6, 6), (8, 12))
    qtbot.keyClick(canvas, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    np.testing.assert_array_equal(regions.data, before)
    assert regions.mode == "pan_zoom"


def test_what_cannot_be_done_is_off_and_says_why(viewer, regions, controls):
    off = {
        controls.paint_button: NOT_PAINTED,
        controls._label_control.new_label_button: NOT_PAINTED,
        controls._brush_size_slider_control.brush_size_slider: NOT_PAINTED,
        controls._preserve_labels_checkbox_control.preserve_labels_checkbox: NOT_PAINTED,
        controls.colormap_update: COLOURS_ARE_KEPT,
    }
    for change in (lambda: None, lambda: setattr(viewer.dims, "ndisplay", 3), lambda: setattr(regions, "visible", 0)):
        change()
        for control, reason in off.items():
            assert not control.isEnabled()
            assert reason in control.toolTip()


def test_the_eyedropper_picks_regions(qtbot, viewer, regions, controls, drag):
    assert controls.pick_button.isEnabled()
    controls.pick_button.click()
    assert regions.mode == "pick"
    spin = controls._label_control.selection_spinbox
    for voxel, region in (((6, 6), 1), ((6, 30), 2), ((30, 6), 2), ((30, 30), 3)):
        drag(voxel, voxel)
        assert spin.value() == regions.selected_label == region
        np.testing.assert_allclose(regions._selected_color[:3], regions.colormap.map(region + (region > 2))[:3])
    controls.panzoom_button.click()
    assert regions.mode == "pan_zoom"


def test_a_hidden_layer_is_not_picked(regions, controls):
    regions.visible = False
    assert not controls.pick_button.isEnabled()
    regions.visible = True
    assert controls.pick_button.isEnabled()


def test_show_selected_and_the_number_of_the_label_speak_of_regions(qtbot, viewer, regions, controls):
    regions.opacity, viewer.layers["tomo"].visible = 1, False
    controls._display_selected_label_checkbox_control.selected_color_checkbox.click()
    spin = controls._label_control.selection_spinbox
    for region, colour in ((2, 1), (3, 2), (1, 0)):
        spin.setFocus()
        spin.selectAll()
        qtbot.keyClicks(spin, str(region))
        qtbot.keyClick(spin, Key.Key_Return)
        pixels = viewer.window.screenshot(canvas_only=True, flash=False)[..., :3].reshape(-1, 3)
        assert set(np.flatnonzero((pixels > 100).any(axis=0)).tolist()) == {colour}


def test_nobody_draws_points_on_a_box(viewer, dock):
    dock.workspace.boxes.put(dock.specimens.groups(), Box((2, 3, 6), (7, 14, 30)))
    layer = next(layer for layer in viewer.layers if layer.name.startswith("sample box"))
    controls = viewer.window._qt_viewer.controls.widgets[layer]
    for change in (
        lambda: None,
        lambda: setattr(viewer.dims, "ndisplay", 3),
        lambda: setattr(viewer.dims, "ndisplay", 2),
    ):
        change()
        assert not controls.addition_button.isEnabled()
        assert NOT_POINTS in controls.addition_button.toolTip()


def test_layers_that_were_there_before_the_dock_are_locked_too(make_napari_viewer, qtbot):
    from napari_hypseg._qt.layers.layer_controls import LayerControls

    viewer = make_napari_viewer()
    table = LeafTable(np.ones((2, 4), np.float32), np.array([0, 1], np.uint16), {})
    layer = add_leaf_layer(viewer, np.ones((4, 5, 6), np.uint16), table)
    LayerControls(viewer)
    assert not viewer.window._qt_viewer.controls.widgets[layer].colormap_update.isEnabled()
