"""Dendrogram and latent chart against a model, without a window of napari around them."""

import numpy as np
import pytest
from napari.components import ViewerModel
from qtpy.QtCore import QObject, QPoint, Qt
from qtpy.QtTest import QTest

from napari_hypseg._qt.controllers.structures import StructureController
from napari_hypseg._qt.controllers.thumbnails import Thumbnails
from napari_hypseg._qt.layers.canvas_input import Joins
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.panels.tree_charts import TreeCharts
from napari_hypseg.project.project import Project
from napari_hypseg.structures.local_cut import LocalCut
from napari_hypseg.structures.selection import region_above

LEFT = Qt.MouseButton.LeftButton
SHIFT, CONTROL, NONE = (getattr(Qt.KeyboardModifier, f"{name}Modifier") for name in ("Shift", "Control", "No"))


@pytest.fixture
def model(older):
    """A tree of twelve leaves, cut into eight regions."""
    model = WindowModel()
    model.project = Project.open(older.path, write=True)
    model.project.set_regions(8)
    yield model
    model.project.close()


@pytest.fixture
def controller(model, qtbot):
    parent = QObject()
    yield StructureController(model, parent)
    parent.deleteLater()


@pytest.fixture
def charts(model, controller, qtbot, monkeypatch):
    """The charts, their leaves in flat space."""
    monkeypatch.setattr("napari_hypseg._qt.panels.latent_chart.latent_curvature", lambda settings, record: 0.0)
    charts = TreeCharts(model, controller, Thumbnails(model, ViewerModel(), controller), "dark")
    qtbot.addWidget(charts)
    charts.resize(900, 400)
    charts.show()
    qtbot.waitExposed(charts)
    qtbot.waitUntil(lambda: charts.chart.projection is not None, timeout=10_000)
    return charts


def selected(model):
    return np.flatnonzero(model.selected_leaves).tolist()


def below(model, node):
    return model.tree.leaves_of(node).tolist()


def test_the_dendrogram_and_the_picture_are_linked_both_ways(model, controller, charts, told):
    view = charts.dendrogram
    tree = model.tree
    first, second = model.cut.nodes[:2]
    QTest.mouseClick(view, LEFT, NONE, view.place_of(first))
    assert selected(model) == below(model, first)
    QTest.mouseClick(view, LEFT, SHIFT, view.place_of(second))
    assert selected(model) == sorted(below(model, first) + below(model, second))
    QTest.mouseClick(view, LEFT, CONTROL, view.place_of(first))
    assert selected(model) == below(model, second)
    QTest.mouseClick(view, LEFT, NONE, view.place_of(second))
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert selected(model) == below(model, int(tree.parents[second]))
    controller.click_leaf(3, Joins.REPLACES)
    chosen = view._looks.selected
    nodes = view._drawn.nodes[chosen]
    assert set(np.concatenate([below(model, node) for node in nodes]).tolist()) == set(selected(model))
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert [one.name for one in model.annotation.structures.values()] == ["structure 1"]
    assert told() == []


def test_arrow_keys_go_from_region_to_region(model, charts):
    view, tree = charts.dendrogram, model.tree
    inorder = sorted(model.cut.nodes, key=lambda node: tree.ranges[node, 0])
    for node in inorder:
        QTest.keyClick(view, Qt.Key.Key_Right)
        assert model.selection.node == node
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert model.selection.node == inorder[-1]
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert model.selection.node == inorder[-2]
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert model.selection.node == tree.parents[inorder[-2]]


def test_a_double_click_opens_a_branch_and_another_closes_it(model, controller, charts, told):
    view = charts.dendrogram
    model.project.set_regions(3)
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


def test_points_and_picture_are_linked_both_ways(model, controller, charts, told):
    view = charts.chart.view
    region = model.tree.leaves_of(region_above(model.tree, model.cut, 11)).tolist()
    QTest.mouseClick(view, LEFT, NONE, pixel(view, 11))
    assert selected(model) == region
    QTest.mouseClick(view, LEFT, SHIFT, pixel(view, 9))
    assert set(selected(model)) >= {9, *region}
    assert view._colours.selected.tolist() == model.selected_leaves.tolist()
    QTest.mouseClick(view, LEFT, NONE, QPoint(2, 2))
    assert model.selection is None
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert told() == []


def test_what_is_lassoed_is_selected_and_shift_adds(model, charts):
    view = charts.chart.view
    for leaf, keys, button in ((11, NONE, LEFT), (10, SHIFT, Qt.MouseButton.RightButton)):
        view.lasso.setChecked(button == LEFT)
        middle = pixel(view, leaf)
        corners = [middle + QPoint(*step) for step in ((-5, -5), (5, -5), (5, 5), (-5, 5))]
        QTest.mousePress(view, button, keys, corners[0])
        for corner in corners[1:]:
            QTest.mouseMove(view, corner)
        QTest.mouseRelease(view, button, keys, corners[-1])
    assert selected(model) == [10, 11]


def test_a_drag_moves_the_points_and_home_takes_them_back(charts):
    view = charts.chart.view
    start, end = pixel(view, 11), pixel(view, 11) + QPoint(-30, 12)
    QTest.mousePress(view, LEFT, NONE, start)
    QTest.mouseMove(view, end)
    QTest.mouseRelease(view, LEFT, NONE, end)
    assert (pixel(view, 11) - end).manhattanLength() <= 1
    view.reset()
    assert pixel(view, 11) == start


def test_another_project_is_placed_anew_and_none_leaves_words(model, charts, qtbot):
    project = model.project
    model.project = None
    assert charts.chart.projection is None
    charts.grab()
    model.project = project
    qtbot.waitUntil(lambda: charts.chart.projection is not None, timeout=10_000)
    charts.set_theme("light")
    charts.grab()


def test_a_branch_and_a_leaf_say_what_they_are(model, charts):
    root = model.tree.root
    assert charts._describe(root) == f"Node {root}: 8 regions, 12 leaves, 600 voxels, 100.0% of the sample"
    assert charts._describe(0).endswith("a leaf, 50 voxels, 8.3% of the sample")


def test_the_regions_are_listed_and_linked_both_ways(model, controller, charts, qtbot, told):
    view, rows = charts.regions, charts.regions.rows
    nodes = rows.regions.nodes.tolist()
    assert sorted(nodes) == sorted(map(int, model.cut.nodes))
    assert rows.regions.voxels.tolist() == sorted((int(model.tree.sizes[node]) for node in nodes), reverse=True)
    assert rows.index(0).data(Qt.ItemDataRole.AccessibleTextRole).startswith("region ")

    def press(row, keys=NONE):
        QTest.mouseClick(view.viewport(), LEFT, keys, view.visualRect(rows.index(row)).center())

    press(2)
    assert selected(model) == sorted(below(model, nodes[2]))
    press(3, SHIFT)
    assert selected(model) == sorted(below(model, nodes[2]) + below(model, nodes[3]))
    press(3, CONTROL)
    assert selected(model) == sorted(below(model, nodes[2]))
    controller.click_node(nodes[5], Joins.REPLACES)
    assert view.currentIndex().row() == 5
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert selected(model) == sorted(below(model, nodes[4]))
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert nodes[4] not in rows.regions.nodes.tolist()
    assert rows.rowCount() == len(nodes) - 1
    model.project.set_regions(12)
    assert rows.rowCount() == 12 - len(below(model, nodes[4]))
    model.project.structures.undo()
    assert rows.rowCount() == 12
    qtbot.waitUntil(lambda: rows.index(0).data(Qt.ItemDataRole.ToolTipRole) is not None, timeout=10_000)
    assert told() == []
