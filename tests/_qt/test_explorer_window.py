"""The explorer in a real window: mouse and keys as Qt reports them, and what is exported against what is shown."""

import numpy as np
import pytest
from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

from napari_hypseg.hierarchy.cuts import Cut
from napari_hypseg.project.label_choice import LabelChoice
from napari_hypseg.project.project import Project
from napari_hypseg.project.structure_image import shown_image

PATIENCE = 60_000
SHIFT, CONTROL, NONE = (getattr(Qt.KeyboardModifier, f"{name}Modifier") for name in ("Shift", "Control", "No"))
LEAVES = 12


@pytest.fixture
def viewer(own_window):
    return own_window


@pytest.fixture
def explorer(viewer, dock, train):
    """The dock with regions in slabs of three voxels along x, twelve of them shown."""
    train()
    dock.explore.number.setValue(LEAVES)
    (layer,) = dock.workspace.view.regions()
    viewer.layers.selection.active = layer
    QApplication.processEvents()
    return dock


@pytest.fixture
def canvas(viewer):
    return viewer.window._qt_viewer.canvas


@pytest.fixture
def click(viewer, explorer, canvas):
    """Function that clicks a voxel (y, x) of the slice in view."""

    def send(kind, place, held):
        where, none = QPointF(place), Qt.MouseButton.NoButton
        event = QMouseEvent(kind, where, canvas.native.mapToGlobal(where), none, held, NONE)
        QApplication.sendEvent(canvas.native, event)
        QTest.qWait(20)  # napari takes up moves a few milliseconds later

    def press(y, x, keys=NONE, end=None):
        QApplication.processEvents()
        node = canvas.layer_to_visual[explorer.workspace.view.regions()[0]].node
        places = [QPoint(*map(int, node.get_transform("visual", "canvas").map((b + 0.5, a + 0.5))[:2])) for a, b in
                  ((y, x), end or (y, x))]  # fmt: skip
        QTest.mouseMove(canvas.native, places[0])
        QTest.mousePress(canvas.native, Qt.MouseButton.LeftButton, keys, places[0])
        if end is not None:
            send(QEvent.Type.MouseMove, places[1], Qt.MouseButton.LeftButton)
        QTest.mouseRelease(canvas.native, Qt.MouseButton.LeftButton, keys, places[1])
        QApplication.processEvents()

    return press


@pytest.fixture
def point(explorer, canvas):
    """Function that moves the mouse to a voxel (y, x) of the slice in view."""

    def move(y, x):
        node = canvas.layer_to_visual[explorer.workspace.view.regions()[0]].node
        place = node.get_transform("visual", "canvas").map((x + 0.5, y + 0.5))
        spot = QPointF(place[0], place[1])
        there = canvas.native.mapToGlobal(spot)
        none = Qt.MouseButton.NoButton
        QApplication.sendEvent(canvas.native, QMouseEvent(QEvent.Type.MouseMove, spot, there, none, none, NONE))
        QTest.qWait(20)  # napari takes up moves a few milliseconds later
        (layer,) = explorer.workspace.view.regions()
        assert [round(at) for at in layer.world_to_data(explorer.workspace.viewer.cursor.position)[1:]] == [y, x]

    return move


@pytest.fixture
def key(canvas):
    """Function that presses a key over the canvas."""

    def press(code, keys=NONE):
        canvas.native.setFocus()
        QTest.keyClick(canvas.native, getattr(Qt.Key, f"Key_{code}"), keys)
        QApplication.processEvents()

    return press


def held(dock, name):
    annotation = dock.model.annotation
    return np.flatnonzero(annotation.leaves(annotation.structure(name).id)).tolist()


def shown_in(dock, name):
    """Leaves of which voxels in row 12 of the slice in view are in a structure, painted or not."""
    number = LEAVES + dock.model.annotation.structure(name).id
    return {int(x) // 3 for x in np.flatnonzero(shown(dock)[12] == number)}


def shown(dock):
    """Names of the regions and structures in the slice in view (y, x), as the layer shows them."""
    (layer,) = dock.workspace.view.regions()
    table = layer.table
    return np.asarray(table.regions)[np.asarray(layer.finest[dock.workspace.viewer.dims.current_step[0]])]


def test_a_structure_is_put_together_by_clicking_and_is_there_again_tomorrow(
    explorer, click, key, qtbot, viewer, make_napari_viewer, told, fakes
):
    dock = explorer
    click(12, 1)
    assert dock.structures.line.text().startswith("node 1 of")
    assert np.flatnonzero(dock.model.selected_leaves).tolist() == [0]
    key("BracketRight")
    assert np.flatnonzero(dock.model.selected_leaves).tolist() == [0, 1]
    dock.structures.name.setText("shell")
    dock.structures.make.click()
    click(12, 10, SHIFT)
    click(12, 16, SHIFT)
    assert held(dock, "shell") == [0, 1, 3, 5]
    click(12, 16, CONTROL)
    assert held(dock, "shell") == [0, 1, 3]
    assert dock.structures.tree.topLevelItem(0).text(0) == "shell"
    key("Z", CONTROL)
    key("Z", CONTROL)
    assert held(dock, "shell") == [0, 1, 3]
    assert "Redo: add node 5 to shell" in dock.structures.redo.toolTip()
    key("Z", CONTROL | SHIFT)
    assert held(dock, "shell") == [0, 1, 3, 5]
    before = shown(dock)
    assert told() == []
    dock.workspace.shut_down()
    again = Project.open(dock.model.project.path)
    owners = again.structures.owners()[int(viewer.dims.current_step[0])]
    np.testing.assert_array_equal(owners == 1, before == LEAVES + 1)
    assert (again.structures.undo_text, again.structures.redo_text) == ("add node 5 to shell", "take node 5 from shell")


def test_the_whole_way_ends_where_it_began_and_is_exported_as_shown(explorer, click, key, viewer, told):
    dock, structures = explorer, explorer.workspace.structures
    (layer,) = dock.workspace.view.regions()
    click(12, 1)
    key("BracketRight")
    dock.structures.name.setText("shell")
    dock.structures.make.click()
    click(12, 10, SHIFT)
    click(12, 16, SHIFT)
    dock.structures.alike.setValue(40)
    suggested = np.flatnonzero(dock.model.suggestion).tolist()
    assert len(suggested) >= 1
    key("Return")
    assert held(dock, "shell") == sorted([0, 1, 3, 5, *suggested])
    structures.lock(1, True)
    structures.lock(1, False)
    structures.split(1, 2)
    structures.activate(2)
    layer.mode, layer.brush_size = "paint", 3
    click(4, 20, end=(4, 26))
    layer.mode = "pan_zoom"
    whole = shown(dock)
    for _ in range(5):
        key("Z", CONTROL)
    assert [one.name for one in dock.model.annotation.structures.values()] == ["shell"]
    for _ in range(5):
        key("Z", CONTROL | SHIFT)
    np.testing.assert_array_equal(shown(dock), whole)
    for _ in range(3):
        key("Z", CONTROL)
    key("Z", CONTROL | SHIFT)
    key("Z", CONTROL | SHIFT)
    left = shown(dock)
    dock.workspace.shut_down()
    again = Project.open(dock.model.project.path)
    names = ["shell", *(one.name for one in again.structures.annotation.children(1))]
    exported = LabelChoice("structures", tuple(names)).image(again, 0).data[int(viewer.dims.current_step[0])]
    ids = [again.structures.annotation.structure(name).id for name in names]
    np.testing.assert_array_equal(exported, np.select([left == LEAVES + one for one in ids], range(1, len(ids) + 1)))
    picture = shown_image(again, Cut(tuple(dock.model.cut.nodes))).data[int(viewer.dims.current_step[0])]
    pairs = set(zip(picture.ravel().tolist(), left.ravel().tolist(), strict=True))
    assert len(pairs) == len({shown for _, shown in pairs}) == len({label for label, _ in pairs})
    assert told() == []


def test_a_project_is_looked_at_again_as_it_was_left(explorer, click, key, viewer, qtbot, make_napari_viewer, fakes):
    dock = explorer
    click(12, 1)
    key("Return")
    click(12, 10)
    key("BracketRight")
    viewer.dims.set_current_step(0, 3)
    viewer.scene.camera.zoom *= 1.7
    path, line = dock.model.project.path, dock.structures.line.text()
    left = (
        dock.model.selected_leaves.tolist(),
        viewer.dims.point,
        viewer.scene.camera.zoom,
        viewer.scene.camera.center,
    )
    dock.workspace.shut_down()
    viewer.layers.clear()
    from napari_hypseg._qt.dock import HypsegDock

    again = HypsegDock(viewer, fakes)
    viewer.window.add_dock_widget(again, name="Again")
    again.workspace.projects.open(path)
    qtbot.waitUntil(lambda: again.model.selection is not None, timeout=PATIENCE)
    now = (
        again.model.selected_leaves.tolist(),
        viewer.dims.point,
        viewer.scene.camera.zoom,
        viewer.scene.camera.center,
    )
    assert now == left
    assert (again.structures.line.text(), again.model.active.name) == (line, "structure 1")
    again.workspace.shut_down()


def test_structures_are_there_again_after_regions_were_made_anew(explorer, click, key, qtbot, told, train):
    dock = explorer
    click(12, 1)
    key("Return")
    before = shown(dock) == LEAVES + 1
    dock.learn.segment.click()
    qtbot.waitUntil(lambda: dock.activity.kind is None, timeout=PATIENCE)
    qtbot.waitUntil(lambda: bool(dock.model.annotation.structures), timeout=PATIENCE)
    np.testing.assert_array_equal(shown(dock) == LEAVES + 1, before)
    assert dock.structures.tree.topLevelItem(0).text(0) == "structure 1"


def test_dragging_moves_the_picture_and_selects_nothing(explorer, click, viewer):
    viewer.layers.selection.active = viewer.layers["tomo"]
    assert "choose the layer “regions”" in explorer.structures.line.text()
    viewer.layers.selection.active = explorer.workspace.view.regions()[0]
    assert explorer.structures.line.text().startswith("Click a region")
    centre = tuple(viewer.scene.camera.center)
    click(12, 10, end=(18, 20))
    assert tuple(viewer.scene.camera.center) != centre
    assert explorer.model.selection is None


def test_the_brush_corrects_the_chosen_structure_voxel_by_voxel_and_is_undone(explorer, click, key, told):
    dock = explorer
    (layer,) = dock.workspace.view.regions()
    click(12, 1)
    key("Return")
    layer.brush_size = 3
    layer.mode = "paint"
    assert layer.mode == "paint"
    before = shown(dock)
    click(4, 20, end=(4, 26))
    after = shown(dock)
    changed = np.argwhere(before != after)
    assert set(changed[:, 0].tolist()) == {3, 4, 5}
    assert (after[tuple(changed.T)] == LEAVES + 1).all()
    layer.mode = "erase"
    click(12, 1)
    assert (before[12, 1], shown(dock)[12, 1]) == (LEAVES + 1, dock.model.project.hierarchy.numbers[0])
    assert dock.model.structures.undo_text == "erase"
    layer.mode = "pan_zoom"
    key("Z", CONTROL)
    np.testing.assert_array_equal(shown(dock), after)
    key("Z", CONTROL)
    np.testing.assert_array_equal(shown(dock), before)
    assert told() == []


def test_a_piece_is_cut_free_and_touching_ones_are_divided_between_marks(explorer, click, key, point, qtbot, told):
    dock = explorer
    click(12, 1)
    key("BracketRight")
    key("Return")
    click(12, 13, SHIFT)
    assert held(dock, "structure 1") == [0, 1, 4]
    point(12, 13)
    key("F")
    qtbot.waitUntil(lambda: dock.model.structures.undo_text.startswith("divide"), timeout=PATIENCE)
    assert (shown(dock)[:, 12:15] == LEAVES + 2).all()
    assert dock.model.active.name == "structure 1 2"
    for letter, x in (("A", 0), ("B", 5)):
        point(12, x)
        key(letter)
    assert "A and B" in dock.workspace.viewer.layers
    key("D")
    qtbot.waitUntil(lambda: dock.model.annotation.next_id == 4, timeout=PATIENCE)
    parts = shown(dock)[12, :6].tolist()
    assert (parts[0], parts[5]) == (LEAVES + 1, LEAVES + 3)
    assert sorted(set(parts)) == [LEAVES + 1, LEAVES + 3]
    assert "A and B" not in dock.workspace.viewer.layers
    point(12, 30)
    key("F")
    assert told() == ["There is no structure under the mouse; point at one, or make one first."]
    key("Z", CONTROL)
    assert (shown(dock)[12, :6] == LEAVES + 1).all()


def test_a_piece_alone_is_added_walked_and_taken_away(explorer, click, key, point, qtbot, told):
    dock, model = explorer, explorer.model
    click(12, 1)
    key("BracketRight")
    key("Return")
    click(12, 13, SHIFT)
    assert held(dock, "structure 1") == [0, 1, 4]
    point(12, 13)
    key("G")
    qtbot.waitUntil(lambda: shown_in(dock, "structure 1") == {0, 1}, timeout=PATIENCE)
    key("G")
    qtbot.waitUntil(lambda: shown_in(dock, "structure 1") == {0, 1, 4}, timeout=PATIENCE)
    assert len(model.structures.steps) == 4
    key("BracketRight")
    qtbot.waitUntil(lambda: shown_in(dock, "structure 1") > {0, 1, 4}, timeout=PATIENCE)
    assert len(model.structures.steps) == 4, "walking amends the one edit"
    key("BracketLeft")
    qtbot.waitUntil(lambda: shown_in(dock, "structure 1") == {0, 1, 4}, timeout=PATIENCE)
    assert told() == []


def test_without_a_structure_a_piece_has_nowhere_to_go(explorer, key, point, told):
    key("Escape")
    point(12, 13)
    key("G")
    assert told() == ["Choose the structure that is to have this piece in the list first, or make one."]


def test_the_list_of_structures_is_used_by_key_alone(explorer, click, key, qtbot, told):
    dock, tree = explorer, explorer.structures.tree
    for x in (1, 10, 16):
        key("Escape")
        click(12, x)
        key("Return")
        key("Escape")
    dock.window().activateWindow()
    tree.setFocus()
    qtbot.waitUntil(tree.hasFocus)

    def press(name, keys=NONE):
        QTest.keyClick(tree, getattr(Qt.Key, f"Key_{name}"), keys)
        QApplication.processEvents()

    press("Down")
    press("Down")
    assert dock.model.active.name == "structure 2"
    press("Space")
    assert not dock.model.active.visible
    press("Delete")
    assert [one.name for one in dock.model.annotation.structures.values()] == ["structure 1", "structure 3"]
    assert (dock.model.active.name, tree.currentItem().text(0), tree.hasFocus()) == ("structure 3", "structure 3", True)
    press("Z", CONTROL)
    assert len(dock.model.annotation.structures) == 3
    QTest.keyClicks(tree, "1")
    assert [row.text(0) for row in tree.hits] == ["structure 1"]
    QTest.keyClick(dock.structures.search.line, Qt.Key.Key_Return)
    assert dock.model.active.name == "structure 1"
    press("Escape")
    assert (len(tree.hits), dock.model.active.name) == (3, "structure 1")
    press("Escape")
    assert dock.model.active is None
    assert told() == []


def test_a_click_in_the_history_goes_to_that_edit_and_back(explorer, click, key, told):
    dock, history = explorer, explorer.structures.history
    assert not dock.structures.edits.isEnabled()
    click(12, 1)
    key("Return")
    click(12, 10, SHIFT)
    click(12, 16, SHIFT)
    dock.structures.edits.click()
    QApplication.processEvents()
    assert history.isVisible()

    def rows():
        return [history.rows.index(row).data() for row in range(history.rows.rowCount())]

    def press(row):
        place = history.visualRect(history.rows.index(row)).center()
        QTest.mouseClick(history.viewport(), Qt.MouseButton.LeftButton, NONE, place)
        QApplication.processEvents()

    edits = ["make structure 1", "add node 3 to structure 1", "add node 5 to structure 1"]
    assert rows() == ["before the first edit", *edits[:2], f"▸ {edits[2]}"]
    press(1)
    assert held(dock, "structure 1") == [0]
    assert rows() == ["before the first edit", f"▸ {edits[0]}", *edits[1:]]
    grey = [history.rows.index(row).data(Qt.ItemDataRole.ForegroundRole) is not None for row in range(4)]
    assert grey == [False, False, True, True]
    press(0)
    assert not dock.model.annotation.structures
    QTest.keyClick(history, Qt.Key.Key_End)
    QTest.keyClick(history, Qt.Key.Key_Return)
    assert held(dock, "structure 1") == [0, 3, 5]
    QTest.keyClick(history, Qt.Key.Key_Escape)
    assert not history.isVisible()
    assert told() == []


def test_what_cannot_be_done_is_said_in_one_sentence(explorer, click, key, told):
    dock = explorer
    click(12, 1)
    key("Return")
    click(12, 1, SHIFT)
    assert told() == ["structure 1 holds all of this already."]
    key("Escape")
    key("O")
    assert told()[1:] == ["Nothing is selected; click a region first."]
    dock.structures.tree.topLevelItem(0).setText(0, " ")
    assert told()[2:] == ["A structure needs a name; type one."]
    assert dock.structures.tree.topLevelItem(0).text(0) == "structure 1"
