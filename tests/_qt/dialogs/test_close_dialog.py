import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QDockWidget

from napari_hypseg._qt.activity_kinds import LEARN
from napari_hypseg._qt.widgets.collapsible import Collapsible

PATIENCE = 30_000


@pytest.fixture
def viewer(hidden_window):
    return hidden_window


def cross(dock):
    """The cross of the dock widget around the panel."""
    around = dock.parent()
    assert isinstance(around, QDockWidget)
    return around.title.close_button


def answering(monkeypatch, answer):
    asked = []
    monkeypatch.setattr(
        "napari_hypseg._qt.dialogs.close_dialog.confirm_close", lambda *words: asked.append(words[0]) or answer
    )
    return asked


def test_closing_asks_while_learning_and_can_be_taken_back(qtbot, learning, monkeypatch):
    asked = answering(monkeypatch, False)
    qtbot.mouseClick(cross(learning), Qt.MouseButton.LeftButton)
    assert "kept in tomo.hypseg" in asked[0]
    assert learning.activity.kind is LEARN
    assert not learning.activity.ending


def test_closing_while_learning_says_what_is_kept(qtbot, learning, monkeypatch, told):
    answering(monkeypatch, True)
    runner = learning.activity.runner
    qtbot.mouseClick(cross(learning), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not runner.busy, timeout=PATIENCE)
    assert any("ends learning" in str(sentence) for sentence in told())
    assert learning.parent() is None


def test_closing_asks_nothing_when_nothing_is_under_way(qtbot, dock, monkeypatch, told):
    asked = answering(monkeypatch, False)
    qtbot.mouseClick(cross(dock), Qt.MouseButton.LeftButton)
    assert dock.parent() is None
    assert asked == told() == []


def test_napari_knows_what_is_under_way(qtbot, learning, viewer):
    status = viewer.window._task_status_manager
    assert status.get_status() == ["Hypseg: learning is under way."]
    learning.learn.job.cancel.click()
    qtbot.waitUntil(lambda: learning.activity.kind is None, timeout=PATIENCE)
    assert not status.is_busy()


def in_sight(dock, control):
    """Whether all of a control shows without scrolling."""
    viewport = dock._scroll.viewport()
    top = control.mapTo(viewport, control.rect().topLeft()).y()
    return control.isVisible() and top >= 0 and top + control.height() <= viewport.height()


@pytest.fixture
def shown(viewer, dock, qtbot):
    """Function that shows the window in a size."""

    def show(width, height):
        window = viewer.window._qt_window
        viewer.show()
        qtbot.waitExposed(window)
        window.resize(width, height)
        qtbot.waitUntil(lambda: (window.width(), window.height()) == (width, height))
        qtbot.wait(50)

    return show


def test_what_is_next_is_in_sight_in_a_small_window(qtbot, dock, shown, train):
    shown(1280, 720)
    assert in_sight(dock, dock.learn.train)
    assert in_sight(dock, dock.choose.layers)
    dock.learn.form.findChildren(Collapsible)[0].expand()
    qtbot.wait(50)
    assert in_sight(dock, dock.learn.train), "however many settings are expanded"
    train()
    qtbot.wait(50)
    assert in_sight(dock, dock.explore.slider)
    for control in (dock.structures.tree, dock.structures.make, dock.structures.undo, dock.explore.export):
        assert in_sight(dock, control)


def test_a_tall_window_is_used(qtbot, dock, viewer, shown, train):
    shown(1300, 980)
    train()
    qtbot.wait(50)
    lowest = max(step.geometry().bottom() for step in dock.steps)
    assert lowest > 0.9 * dock.height()
    assert dock.explore.pictures.expanded


def test_what_the_person_folds_stays_folded(qtbot, dock, shown):
    shown(1280, 720)
    header = dock.steps[0].findChild(type(dock.steps[0]._button))
    qtbot.mouseClick(header, Qt.MouseButton.LeftButton)
    assert not dock.steps[0].expanded
    dock.resize(dock.width(), dock.height() + 100)
    qtbot.wait(20)
    assert not dock.steps[0].expanded


def test_a_question_is_in_sight(qtbot, dock, viewer, shown):
    shown(1280, 720)
    viewer.add_image(np.ones((10, 20, 36), np.float32), name="second", scale=(8, 8, 8), units=("angstrom",) * 3)
    dock.choose.layers.item(0).setCheckState(Qt.CheckState.Checked)
    qtbot.wait(50)
    assert in_sight(dock, dock.choose.roles.specimens)
