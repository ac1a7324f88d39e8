"""The mouse wheel over the panel scrolls it, and changes no field it passes over."""

import numpy as np
import pytest
from qtpy.QtCore import QPoint, QPointF, Qt
from qtpy.QtGui import QWheelEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import (
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QScrollArea,
    QScrollBar,
)

from napari_hypseg._qt.widgets.collapsible import Collapsible
from napari_hypseg.methods.registry import methods

PATIENCE = 30_000
FIELDS = (QAbstractSpinBox, QComboBox, QAbstractSlider)


def fields_of(parent):
    """Every field inside that may change by itself."""
    found = {field for kind in FIELDS for field in parent.findChildren(kind)}
    return [field for field in found if not isinstance(field, QScrollBar)]


def value_of(field):
    return field.currentIndex() if isinstance(field, QComboBox) else field.value()


def turn(target, angle=-120):
    """Turn the wheel with the mouse in the middle of `target`."""
    middle = QPointF(target.rect().center())
    event = QWheelEvent(
        middle, target.mapToGlobal(middle), QPoint(), QPoint(0, angle), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(target, event)


@pytest.fixture
def viewer(make_napari_viewer):
    """A window of its own, which is shown and resized."""
    viewer = make_napari_viewer()
    viewer.add_image(np.random.default_rng(0).normal(size=(10, 20, 36)).astype(np.float32), name="tomo")
    return viewer


@pytest.fixture
def dock(dock):
    for fold in dock.findChildren(Collapsible):
        fold.expand(True)
    return dock


@pytest.mark.parametrize("method", list(methods()))
def test_no_field_changes(dock, method):
    box = dock.learn.form.method
    box.setCurrentIndex(box.findData(method))
    for fold in dock.findChildren(Collapsible):
        fold.expand(True)
    fields = fields_of(dock)
    assert len(fields) > 25
    before = {field: value_of(field) for field in fields}
    for field in fields:
        for target in (field, *field.findChildren(QLineEdit)):
            turn(target)
            turn(target, 120)
            turn(target, 120)
    assert [field for field in fields if value_of(field) != before[field]] == []


def test_a_focused_field_and_the_slider_do_not_change_either(dock):
    for field in (dock.explore.slider, dock.explore.number, dock.learn.form.method):
        field.setEnabled(True)
        field.setFocus()
        before = value_of(field)
        turn(field)
        assert value_of(field) == before


@pytest.mark.skipif(not hasattr(QTest, "wheelEvent"), reason="this Qt binding cannot turn a wheel as a mouse does")
def test_the_panel_scrolls_under_the_wheel(viewer, dock, qtbot):
    window = viewer.window._qt_window
    window.resize(1000, 500)
    window.show()
    (bar,) = (area.verticalScrollBar() for area in dock.findChildren(QScrollArea))

    def seen():
        bar.setValue(0)
        return [field for field in fields_of(dock) if not field.visibleRegion().isEmpty()]

    qtbot.waitUntil(lambda: bar.maximum() > 0 and len(seen()) > 3, timeout=PATIENCE)
    qtbot.wait(300)  # the panel makes itself at home
    for field in seen():
        bar.setValue(0)
        before = value_of(field)
        QTest.wheelEvent(window.windowHandle(), QPointF(field.mapTo(window, QPoint(5, 5))), QPoint(0, -120))
        qtbot.wait(20)
        assert bar.value() > 0
        assert value_of(field) == before


def test_the_wheel_takes_no_focus(dock):
    policies = {field.focusPolicy() for field in fields_of(dock)}
    assert Qt.FocusPolicy.WheelFocus not in policies


def test_fields_of_a_dialog_do_not_change(dock, train):
    train()
    dock.explore.export.click()
    before = {field: value_of(field) for field in fields_of(dock.dialog)}
    assert before
    for field in before:
        turn(field)
    assert all(value_of(field) == value for field, value in before.items())
