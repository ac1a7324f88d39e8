"""The box in a real window: pixels looked at, and the mouse as Qt reports it."""

import numpy as np
import pytest
from qtpy.QtCore import QEvent, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtWidgets import QApplication

from napari_hypseg._napari.box_layer import BoxLayer
from napari_hypseg._napari.layer_transform import placement_keywords
from napari_hypseg._qt.layers.box_cursor import show_arrows
from napari_hypseg.volumes import Box

SHAPE = (20, 30, 40)
BOX = Box((4, 5, 6), (14, 20, 30))
PLACE = placement_keywords((40.0, 20.0, 10.0), "angstrom", (100.0, -20.0, 7.0))
ORDERS = [(0, 1, 2), (1, 0, 2), (2, 0, 1), (2, 1, 0)]
ORANGE = (255, 159, 28)
Cursor = Qt.CursorShape


@pytest.fixture
def viewer(make_napari_viewer):
    viewer = make_napari_viewer(show=True)
    viewer.window.resize(1000, 800)
    viewer.add_image(np.full(SHAPE, 128, dtype=np.uint8), name="tomo", contrast_limits=(0, 255), **PLACE)
    QApplication.processEvents()
    return viewer


@pytest.fixture
def box(viewer):
    box = BoxLayer(viewer, SHAPE, BOX, **PLACE)
    show_arrows(viewer, box)
    QApplication.processEvents()
    return box


@pytest.fixture
def canvas(viewer):
    return viewer.window._qt_viewer.canvas


@pytest.fixture
def pixel(viewer, canvas):
    """Function from a voxel (z, y, x) in the slice in view to where it is on the canvas, (x, y)."""

    def find(voxel):
        QApplication.processEvents()
        shown = list(viewer.dims.displayed)
        zero, one = (np.array(canvas._map_canvas2world(p, canvas.view))[shown] for p in ((0, 0), (100, 100)))
        world = (np.array(voxel) * PLACE["scale"] + PLACE["translate"])[shown]
        row, column = 100 * (world - zero) / (one - zero)
        return column, row

    return find


@pytest.fixture
def mouse(qtbot, canvas):
    """Function that sends the canvas what Qt sends it when the mouse does something at (x, y)."""

    def act(kind, place, held=Qt.MouseButton.LeftButton):
        button = Qt.MouseButton.NoButton if kind == "MouseMove" else Qt.MouseButton.LeftButton
        now = Qt.MouseButton.NoButton if kind == "MouseButtonRelease" else held
        where, none = QPointF(*place), Qt.KeyboardModifier.NoModifier
        event = QMouseEvent(getattr(QEvent.Type, kind), where, canvas.native.mapToGlobal(where), button, now, none)
        QApplication.sendEvent(canvas.native, event)
        qtbot.wait(20)  # napari takes up moves a few milliseconds later

    return act


def _turn(viewer, order):
    viewer.dims.order = order
    viewer.dims.set_current_step(order[0], 10)
    viewer.reset_view()


def _shot(viewer):
    QApplication.processEvents()
    return viewer.window.screenshot(canvas_only=True, flash=False)[..., :3].astype(int)


def _is_orange(shot, place):
    column, row = (round(value) for value in place)
    near = shot[row - 2 : row + 3, column - 2 : column + 3].reshape(-1, 3)
    return np.abs(near - ORANGE).sum(axis=1).min() < 60


def _middles(order):
    """Voxels in the middle of the four sides of the rectangle in view."""
    for axis in order[-2:]:
        for side in (BOX.start[axis] - 0.5, BOX.stop[axis] - 0.5):
            voxel = [(a + b) / 2 - 0.5 for a, b in zip(BOX.start, BOX.stop, strict=True)]
            voxel[axis] = side
            yield voxel


def test_the_sides_stand_between_the_voxels_in_every_orientation_and_at_every_zoom(viewer, box, pixel):
    for order in ORDERS:
        _turn(viewer, order)
        for zoom in (1, 0.4):
            viewer.scene.camera.zoom *= zoom
            places = [pixel(voxel) for voxel in _middles(order)]
            shot = _shot(viewer)
            assert all(_is_orange(shot, place) for place in places)
            assert not _is_orange(shot, np.mean(places, axis=0))


def test_a_slice_beside_the_box_shows_it_faintly(viewer, box, pixel):
    viewer.dims.set_current_step(0, 1)
    place = next(pixel(voxel) for voxel in _middles((0, 1, 2)))
    assert not _is_orange(_shot(viewer), place)


def test_all_edges_are_there_in_3d_and_go_with_the_layer(viewer, box, canvas):
    viewer.dims.ndisplay = 3
    viewer.scene.camera.angles = (10, 35, 20)
    shot = _shot(viewer)
    orange = np.abs(shot - ORANGE).sum(axis=-1) < 60
    rows, columns = np.nonzero(orange)
    corners = np.array(np.meshgrid(*zip(np.array(BOX.start) - 0.5, np.array(BOX.stop) - 0.5, strict=True)))
    node = canvas.layer_to_visual[box.layer].node
    ends = node.get_transform("visual", "canvas").map(corners.reshape(3, -1)[::-1].T)
    ends = ends[:, :2] / ends[:, 3:]
    assert np.abs([columns.min(), rows.min()] - ends.min(axis=0)).max() < 8
    assert np.abs([columns.max(), rows.max()] - ends.max(axis=0)).max() < 8
    edges = [(a, b) for a in range(8) for b in range(a) if bin(a ^ b).count("1") == 1]
    assert len(edges) == 12
    assert all(_is_orange(shot, (ends[a] + ends[b]) / 2) for a, b in edges)
    box.layer.visible = False
    assert not (np.abs(_shot(viewer) - ORANGE).sum(axis=-1) < 60).any()


def test_a_side_follows_the_mouse_while_the_picture_stays(viewer, box, pixel, mouse):
    for order in ORDERS:
        box.set_box(BOX)
        _turn(viewer, order)
        rows = order[1]
        side = next(_middles(order))
        target = [place + 3 * (axis == rows) for axis, place in enumerate(side)]
        start, stop = pixel(side), pixel(target)
        before = viewer.scene.camera.center
        mouse("MouseButtonPress", start)
        mouse("MouseMove", np.mean([start, stop], axis=0))
        mouse("MouseMove", stop)
        mouse("MouseButtonRelease", stop)
        assert [b - a for a, b in zip(BOX.start, box.box.start, strict=True)] == [3 * (a == rows) for a in range(3)]
        assert box.box.stop == BOX.stop
        assert viewer.scene.camera.center == before


def test_inside_the_box_the_picture_is_dragged_as_ever(viewer, box, pixel, mouse):
    start, stop = pixel((10, 12, 18)), pixel((10, 14, 18))
    before = viewer.scene.camera.center
    for kind, place in (("Press", start), ("Release", stop)):
        mouse(f"MouseButton{kind}", place)
        if kind == "Press":
            mouse("MouseMove", stop)
    QApplication.processEvents()
    assert box.box == BOX
    assert viewer.scene.camera.center != before


def test_arrows_say_which_way_a_side_goes(viewer, box, canvas, pixel, mouse):
    none = Qt.MouseButton.NoButton
    seen = []
    for voxel in ((10, 4.5, 18), (10, 12, 5.5), (10, 4.5, 5.5), (10, 19.5, 5.5), (10, 12, 18)):
        mouse("MouseMove", pixel(voxel), none)
        seen.append(canvas.cursor.shape())
    assert seen == [
        Cursor.SizeVerCursor, Cursor.SizeHorCursor, Cursor.SizeFDiagCursor, Cursor.SizeBDiagCursor, Cursor.ArrowCursor
    ]  # fmt: skip
    viewer.dims.order = (0, 2, 1)
    mouse("MouseMove", pixel((10, 12, 5.5)), none)
    assert canvas.cursor.shape() == Cursor.SizeVerCursor
