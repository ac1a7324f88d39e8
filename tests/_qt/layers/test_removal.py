"""Layers with drawn bounding boxes are removed in every way a person can, in a real window that goes on drawing."""

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtGui import QOpenGLContext
from vispy.gloo.glir import GlirProgram

from napari_hypseg.volumes import Box

BOX = Box((2, 3, 6), (9, 14, 30))


@pytest.fixture
def viewer(make_napari_viewer):
    """A window in sight with a volume in it, and a picture, so that something is left to be drawn."""
    viewer = make_napari_viewer(show=True)
    grey = np.random.default_rng(0).normal(size=(10, 20, 36)).astype(np.float32)
    viewer.add_image(grey[0], name="picture", scale=(8, 8), units=("angstrom",) * 2)
    viewer.add_image(grey, name="tomo", scale=(8, 8, 8), units=("angstrom",) * 3)
    return viewer


@pytest.fixture
def boxed(qtbot, viewer, dock):
    """The dock with a box around the sample, drawn."""
    dock.workspace.boxes.put(dock.specimens.groups(), BOX)
    dock.steps[1].expand(True)
    qtbot.wait(150)
    assert box_layer(viewer) in viewer.layers
    return dock


@pytest.fixture
def contexts(viewer, monkeypatch):
    """For each shader program that was deleted, whether that happened in the context of the canvas."""
    seen, canvas = [], viewer.window._qt_viewer.canvas.native
    delete = GlirProgram.delete

    def note(program):
        seen.append(QOpenGLContext.currentContext() == canvas.context())
        delete(program)

    monkeypatch.setattr(GlirProgram, "delete", note)
    return seen


def box_layer(viewer):
    return next((layer for layer in viewer.layers if layer.name.startswith("sample box")), None)


def _whole_volume(qtbot, viewer, dock):
    qtbot.mouseClick(dock.locate.whole, Qt.MouseButton.LeftButton)


def _trash(qtbot, viewer, dock):
    viewer.layers.selection.active = box_layer(viewer)
    buttons = viewer.window._qt_viewer.layerButtons
    qtbot.mouseClick(buttons.deleteButton, Qt.MouseButton.LeftButton)


def _clear_text(qtbot, viewer, dock):
    dock.choose.box.selectAll()
    qtbot.keyClick(dock.choose.box, Qt.Key.Key_Delete)
    qtbot.keyClick(dock.choose.box, Qt.Key.Key_Return)


def _remove_volume(qtbot, viewer, dock):
    viewer.layers.remove("tomo")


def _remove_all_selected(qtbot, viewer, dock):
    viewer.layers.select_all()
    viewer.layers.remove_selected()


def _clear(qtbot, viewer, dock):
    viewer.layers.clear()


def _delete_slice(qtbot, viewer, dock):
    del viewer.layers[1:]


WAYS = [_whole_volume, _trash, _clear_text, _remove_volume, _remove_all_selected, _clear, _delete_slice]


@pytest.mark.parametrize(("way", "ndisplay"), [*((way, 2) for way in WAYS), (_whole_volume, 3)])
def test_the_box_goes_and_the_window_goes_on_drawing(qtbot, viewer, boxed, contexts, way, ndisplay):
    viewer.dims.ndisplay = ndisplay
    qtbot.wait(100)
    way(qtbot, viewer, boxed)
    assert contexts
    qtbot.waitUntil(lambda: box_layer(viewer) is None)
    assert all(contexts)  # else the next draw may read freed memory
    assert boxed.workspace.boxes.items() == []
    viewer.add_points(np.zeros((1, 3)))
    viewer.dims.set_current_step(0, 3)
    qtbot.wait(100)
    assert viewer.window.screenshot(canvas_only=True, flash=False).any()


def test_a_bounding_box_switched_on_by_hand_goes_with_its_layer(qtbot, viewer, dock, contexts):
    viewer.layers["tomo"].bounding_box.visible = True
    qtbot.wait(100)
    viewer.layers.remove("tomo")
    assert contexts
    assert all(contexts)
    qtbot.wait(100)


def test_a_window_closes_over_a_box(qtbot, viewer, boxed):
    viewer.close()
    qtbot.wait(50)
