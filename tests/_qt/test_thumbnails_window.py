"""Thumbnails in a real window: in the rows of structures and, nearest first, of what looks like the selection."""

import numpy as np
import pytest
from qtpy.QtCore import QEvent, Qt
from qtpy.QtGui import QHelpEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

from napari_hypseg._qt.controllers.thumbnails import WAITING
from napari_hypseg.structures.thumbnail import WIDTH

PATIENCE = 60_000
RED = (1.0, 0.0, 0.0)


@pytest.fixture
def viewer(own_window):
    return own_window


@pytest.fixture
def explorer(viewer, dock, train):
    """The dock with 12 leaves, in slabs of three voxels along x."""
    train()
    dock.explore.number.setValue(12)
    return dock


@pytest.fixture
def drawn(qtbot, explorer):
    """Function that gives the pixels of a picture once they are there."""

    def wait(leaves, colour=RED):
        selected = np.isin(np.arange(12), leaves)
        thumbnails = explorer.workspace.thumbnails
        qtbot.waitUntil(lambda: thumbnails.picture(selected, colour) is not None, timeout=PATIENCE)
        image = thumbnails.picture(selected, colour).toImage()
        return np.array([[image.pixelColor(x, y).getRgb()[:3] for x in range(WIDTH)] for y in range(WIDTH)])

    return wait


def test_a_picture_shows_the_volume_with_the_region_outlined(explorer, drawn, viewer):
    pixels = drawn([4])
    assert pixels.shape == (WIDTH, WIDTH, 3)
    red = (pixels == (255, 0, 0)).all(axis=2)
    columns = np.flatnonzero(red.any(axis=0))
    assert len(columns) == 3
    assert abs(columns.mean() - (WIDTH - 36) // 2 - 13) < 1, "leaf 4 lies in columns 12 to 14 of 36"
    grey = pixels[~red]
    assert (grey == grey[:, :1]).all()
    viewer.layers["tomo"].contrast_limits = (90.0, 100.0)
    assert drawn([4])[~red].max() == 0


def test_what_was_asked_for_first_is_given_up_where_too_much_is_asked_for(explorer, drawn, qtbot):
    thumbnails = explorer.workspace.thumbnails
    for blue in range(3 * WAITING):
        assert thumbnails.picture(np.arange(12) == 1, (0.0, 0.0, blue / 1000)) is None
    assert thumbnails._queue.n_waiting == WAITING
    drawn([1])
    assert thumbnails.picture(np.arange(12) == 1, (0.0, 0.0, 0.0)) is None


def test_structures_have_their_pictures_and_what_is_alike_its_order(explorer, qtbot, viewer, told):
    dock, structures, model = explorer, explorer.workspace.structures, explorer.model
    tree, strip = dock.structures.tree, dock.structures.strip
    structures.click_leaf(4, joins())
    structures.accept("shell")
    qtbot.waitUntil(lambda: 1 in tree._pictures, timeout=PATIENCE)
    place = tree.visualItemRect(tree.topLevelItem(0)).center()
    QApplication.sendEvent(tree.viewport(), QHelpEvent(QEvent.Type.ToolTip, place, tree.mapToGlobal(place)))
    assert "<img" in tree.topLevelItem(0).toolTip(0)
    structures.recolour(1, RED)
    assert not strip.isVisible()
    dock.structures.alike.setValue(50)
    assert strip.isVisible()
    order = strip.rows.order.tolist()
    assert sorted(order) == [leaf for leaf in range(12) if leaf != 4]
    assert order[0] in (3, 5), "one of its neighbours"
    suggested = np.flatnonzero(model.suggestion).tolist()
    assert sorted(order[: len(suggested)]) == suggested
    assert "number 1 of 11" in strip.rows.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    first = strip.rows.index(0)
    before = strip.rows._picture(order[0]).toImage()
    qtbot.waitUntil(lambda: strip.rows._picture(order[0]).toImage() != before, timeout=PATIENCE)
    viewer.dims.set_current_step(0, 0)
    QTest.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=strip.visualRect(first).center())
    middle = explorer.workspace.thumbnails.world_place(order[0])
    assert viewer.scene.camera.center[2] == pytest.approx(middle[2])
    assert middle[2] // 8 // 3 == order[0]
    dock.structures.alike.setValue(0)
    assert not strip.isVisible()
    assert told() == []


def test_with_its_project_the_pictures_are_gone(explorer, drawn):
    drawn([2])
    explorer.model.project = None
    assert explorer.workspace.thumbnails.picture(np.arange(12) == 2, RED) is None
    assert explorer.structures.tree._pictures == {}


def joins():
    from napari_hypseg._qt.layers.canvas_input import Joins

    return Joins.REPLACES
