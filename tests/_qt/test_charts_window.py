"""The charts of the tree in a real window, below the picture."""

import numpy as np
import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def viewer(own_window):
    return own_window


def test_the_line_moves_the_slider_and_the_slider_the_line_and_the_charts_go_with_the_panel(dock, train, viewer):
    train()
    dock.explore.charts.click()
    QApplication.processEvents()
    charts = dock.charts.charts
    view = charts.dendrogram
    assert view.isVisible()
    before = view.line
    down = round(view.frame.y(np.log2(11)))
    QTest.mousePress(view, LEFT, NONE, QPoint(150, round(before)))
    for row in (round(before) + 8, down):
        QTest.mouseMove(view, QPoint(150, row))
        QApplication.processEvents()
    QTest.mouseRelease(view, LEFT, NONE, QPoint(150, down))
    assert dock.explore.number.value() == 11
    dock.explore.number.setValue(4)
    QTest.qWait(40)
    assert dock.model.project.n_regions == 4
    assert view.line == view.frame.y(2.0)
    dock.explore.charts.click()
    assert not dock.charts.is_open
    dock.explore.number.setValue(5)
    QTest.qWait(40)
    dock.explore.charts.click()
    QApplication.processEvents()
    assert dock.charts.charts is charts
    assert view.line == view.frame.y(np.log2(5))
    viewer.window.remove_dock_widget(dock)
    assert not dock.charts.is_open
