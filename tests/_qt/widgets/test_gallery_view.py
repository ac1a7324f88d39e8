"""A gallery of many particles asks only for the pictures that are in sight."""

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtGui import QPixmap

from napari_hypseg._qt.widgets.gallery_view import SIDE, GalleryContent, GalleryView

COUNT = 20_000
NO_JUNK = np.zeros(COUNT, dtype=bool)


def content(order=None, junk=NO_JUNK):
    return GalleryContent(np.arange(COUNT) if order is None else order, junk, "particle {}".format, str)


@pytest.fixture
def asked():
    """Numbers of particles whose pictures were asked for."""
    return []


@pytest.fixture
def view(qtbot, asked):
    picture = QPixmap(8, 8)
    picture.fill(Qt.GlobalColor.white)
    view = GalleryView(lambda particle: asked.append(particle) or picture)
    qtbot.addWidget(view)
    view.resize(5 * SIDE, 4 * SIDE)
    view.show()
    view.show_content(content())
    qtbot.waitExposed(view)
    view.viewport().grab()
    return view


def test_only_what_is_in_sight_is_asked_for(view, asked):
    assert 0 in asked
    assert len(set(asked)) < 60
    asked.clear()
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    view.viewport().grab()
    assert COUNT - 1 in asked
    assert len(set(asked)) < 60


def test_what_is_chosen_stays_chosen_in_another_order_and_nothing_flies_anywhere(qtbot, view):
    flown = []
    view.chosen.connect(flown.append)
    view.choose(np.array([7, 9000]))
    assert view.particles().tolist() == [7, 9000]
    view.show_content(content(np.arange(COUNT)[::-1].copy()))
    assert view.particles().tolist() == [9000, 7]
    assert flown == []
    for key, keys, signal in (
        (Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier, view.junk_requested),
        (Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier, view.undo_requested),
    ):
        with qtbot.waitSignal(signal):
            qtbot.keyClick(view, key, keys)


def test_junk_is_crossed_out(view):
    index = view.rows.index(3)
    good = view.rows.data(index, Qt.ItemDataRole.DecorationRole).toImage()
    view.show_content(content(junk=np.arange(COUNT) == 3))
    crossed = view.rows.data(index, Qt.ItemDataRole.DecorationRole).toImage()
    assert crossed.pixelColor(SIDE // 2, SIDE // 2).red() > crossed.pixelColor(SIDE // 2, SIDE // 2).green()
    assert good != crossed


def test_pictures_that_arrive_lay_nothing_out_anew(qtbot, view):
    told = []
    view.rows.dataChanged.connect(lambda *_: told.append("data"))
    view.rows.layoutChanged.connect(lambda *_: told.append("layout"))
    junk = np.arange(COUNT) == 3
    before = view.viewport().grab().toImage()
    view.show_content(content(junk=junk))
    assert view.viewport().grab().toImage() != before
    view.redraw()
    assert told == []
