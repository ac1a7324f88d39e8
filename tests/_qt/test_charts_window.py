"""The charts of the tree in a real window, linked with the picture both ways."""

import numpy as np
import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

from napari_hypseg._qt.layers.canvas_input import Joins
from napari_hypseg.structures.local_cut import LocalCut
from napari_hypseg.structures.selection import region_above

LEFT = Qt.MouseButton.LeftButton
SHIFT, CONTROL, NONE = (getattr(Qt.KeyboardModifier, f"{name}Modifier") for name in ("Shift", "Control", "No"))


@pytest.fixture
def viewer(make_napari_viewer):
    viewer = make_napari_viewer(show=True)
    viewer.window._qt_window.resize(1200, 800)
    grey = np.random.default_rng(0).normal(size=(10, 24, 36)).astype(np.float32)
    viewer.add_image(grey, name="tomo", scale=(8, 8, 8), units=("angstrom",) * 3)
    return viewer


@pytest.fixture
def charts(dock, train, qtbot, monkeypatch):
    """The charts of a tree of twelve leaves in flat space, cut into eight regions."""
    monkeypatch.setattr("napari_hypseg._qt.panels.latent_chart.latent_curvature", lambda settings: 0.0)
    train()
    dock.explore.charts.click()
    qtbot.waitUntil(lambda: dock.charts.charts.chart.projection is not None, timeout=10_000)
    QApplication.processEvents()
    return dock.charts.charts


def selected(dock):
    return np.flatnonzero(dock.model.selected_leaves).tolist()


def below(dock, node):
    return dock.model.tree.leaves_of(node).tolist()


def test_the_dendrogram_and_the_picture_are_linked_both_ways(dock, charts, told):
    view, model = charts.dendrogram, dock.model
    tree = model.tree
    first, second = model.cut.nodes[:2]
    QTest.mouseClick(view, LEFT, NONE, view.place_of(first))
    assert selected(dock) == below(dock, first)
    assert dock.structures.line.text().startswith("node ")
    QTest.mouseClick(view, LEFT, SHIFT, view.place_of(second))
    assert selected(dock) == sorted(below(dock, first) + below(dock, second))
    QTest.mouseClick(view, LEFT, CONTROL, view.place_of(first))
    assert selected(dock) == below(dock, second)
    QTest.mouseClick(view, LEFT, NONE, view.place_of(second))
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert selected(dock) == below(dock, int(tree.parents[second]))
    dock.workspace.structures.click_leaf(3, Joins.REPLACES)
    chosen = view._looks.selected
    nodes = view._drawn.nodes[chosen]
    assert set(np.concatenate([below(dock, node) for node in nodes]).tolist()) == set(selected(dock))
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert [one.name for one in model.annotation.structures.values()] == ["structure 1"]
    assert told() == []


def test_dragging_the_line_moves_the_slider_and_the_slider_the_line(dock, charts):
    view = charts.dendrogram
    before = view.line
    down = round(view.frame.y(np.log2(11)))
    QTest.mousePress(view, LEFT, NONE, QPoint(150, round(before)))
    for row in (round(before) + 8, down):
        QTest.mouseMove(view, QPoint(150, row))
        QApplication.processEvents()
    QTest.mouseRelease(view, LEFT, NONE, QPoint(150, down))
    assert dock.model.project.n_regions == 11 or dock.explore.number.value() == 11
    dock.explore.number.setValue(4)
    QTest.qWait(40)
    assert dock.model.project.n_regions == 4
    assert view.line == view.frame.y(2.0)


def test_a_double_click_opens_a_branch_and_another_closes_it(dock, charts, told):
    view, model = charts.dendrogram, dock.model
    dock.explore.number.setValue(3)
    QTest.qWait(40)
    node = max(model.cut.nodes)
    QTest.mouseDClick(view, LEFT, NONE, view.place_of(node))
    assert model.annotation.local_cut("parts") == LocalCut(frozenset({node}), frozenset())
    assert set(model.tree.children[node].tolist()) <= set(model.cut.nodes)
    assert [int(view._drawn.nodes[index]) for index in view._looks.opened] == [node]
    QTest.mouseDClick(view, LEFT, NONE, view.place_of(node))
    assert node in model.cut.nodes
    assert [int(view._drawn.nodes[index]) for index in view._looks.closed] == [node]
    assert told() == []


def pixel(view, leaf):
    place = view.point_pixels[leaf]
    return QPoint(round(place.real), round(place.imag))


def test_points_and_picture_are_linked_both_ways(dock, charts, told):
    view, model = charts.chart.view, dock.model
    region = model.tree.leaves_of(region_above(model.tree, model.cut, 11)).tolist()
    QTest.mouseClick(view, LEFT, NONE, pixel(view, 11))
    assert selected(dock) == region
    QTest.mouseClick(view, LEFT, SHIFT, pixel(view, 9))
    assert set(selected(dock)) >= {9, *region}
    assert view._colours.selected.tolist() == model.selected_leaves.tolist()
    QTest.mouseClick(view, LEFT, NONE, QPoint(2, 2))
    assert model.selection is None
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert told() == []


def test_what_is_lassoed_is_selected_and_shift_adds(dock, charts):
    view = charts.chart.view
    for leaf, keys, button in ((11, NONE, LEFT), (10, SHIFT, Qt.MouseButton.RightButton)):
        view.lasso.setChecked(button == LEFT)
        middle = pixel(view, leaf)
        corners = [middle + QPoint(*step) for step in ((-5, -5), (5, -5), (5, 5), (-5, 5))]
        QTest.mousePress(view, button, keys, corners[0])
        for corner in corners[1:]:
            QTest.mouseMove(view, corner)
        QTest.mouseRelease(view, button, keys, corners[-1])
    assert selected(dock) == [10, 11]


def test_a_drag_moves_the_points_and_home_takes_them_back(charts):
    view = charts.chart.view
    start, end = pixel(view, 11), pixel(view, 11) + QPoint(-30, 12)
    QTest.mousePress(view, LEFT, NONE, start)
    QTest.mouseMove(view, end)
    QTest.mouseRelease(view, LEFT, NONE, end)
    assert (pixel(view, 11) - end).manhattanLength() <= 1
    view.reset()
    assert pixel(view, 11) == start


def test_the_charts_can_be_closed_and_opened_again_and_go_with_the_panel(dock, charts, viewer):
    assert charts.isVisible()
    dock.explore.charts.click()
    assert not dock.charts.is_open
    dock.explore.number.setValue(5)
    QTest.qWait(40)
    dock.explore.charts.click()
    QApplication.processEvents()
    assert dock.charts.charts is charts
    assert charts.dendrogram._n_regions == 5
    viewer.window.remove_dock_widget(dock)
    assert not dock.charts.is_open
