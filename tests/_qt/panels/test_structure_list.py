"""The list of structures by key alone, and its search."""

import pytest
from qtpy.QtCore import Qt
from qtpy.QtGui import QContextMenuEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QVBoxLayout, QWidget

from napari_hypseg._qt.panels.structure_search import MANY, StructureSearch
from napari_hypseg._qt.panels.structure_tree import NAME, SIZE, StructureTree
from napari_hypseg.structures.annotation import Annotation
from napari_hypseg.structures.edits import MakeStructure, MoveStructure, RenameStructure

CONTROL = Qt.KeyboardModifier.ControlModifier
NESTED = (("particle", None), ("shell", 1), ("lumen", 1), ("spike", 2), ("membrane", None), ("shelf", None))


def annotation(named=NESTED):
    made = Annotation.empty(len(named))
    for leaf, (name, parent) in enumerate(named):
        edit = MakeStructure(name=name, colour=(1.0, 0.0, 0.0), leaves=f"{leaf}", parent=parent)
        made = edit.apply(made, {})
    return made


@pytest.fixture
def tree(qtbot):
    window, made = QWidget(), StructureTree("dark")
    made.search_line = StructureSearch(made)
    made.window_kept = window
    layout = QVBoxLayout(window)
    layout.addWidget(made.search_line)
    layout.addWidget(made)
    qtbot.addWidget(window)
    window.show()
    made.show_structures(annotation(), {}, 1, editable=True)
    window.activateWindow()
    made.setFocus()
    qtbot.waitUntil(made.hasFocus)
    return made


@pytest.fixture
def said(tree):
    heard = []
    for name in (
        "chosen",
        "renamed",
        "show_toggled",
        "remove_requested",
        "undo_requested",
        "redo_requested",
        "escaped",
    ):
        getattr(tree, name).connect(lambda *values, name=name: heard.append((name, *values)))
    return heard


def key(tree, name, held=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(tree, getattr(Qt.Key, f"Key_{name}"), held)


def listed(tree):
    return [row.text(NAME) for row in tree._items() if not row.isHidden()]


def test_an_empty_list_says_how_the_first_structure_is_made(tree):
    def ink():
        picture = tree.viewport().grab().toImage()
        return len({picture.pixel(x, y) for x in range(picture.width()) for y in range(picture.height())})

    tree.setCurrentItem(None)
    tree.show_structures(annotation(()), {}, None, editable=True)
    assert ink() > 10
    tree.setEnabled(False)
    assert ink() == 1


def test_rows_stay_and_only_what_changes_is_drawn_anew(tree, monkeypatch):
    drawn = list[int]()
    fill = StructureTree._fill

    def noted(self, row, one, *rest):
        drawn.append(one.id)
        fill(self, row, one, *rest)

    monkeypatch.setattr(StructureTree, "_fill", noted)
    made = annotation()
    tree.show_structures(made, {}, 1, editable=True)
    assert drawn == []
    more = MakeStructure(name="new", colour=(0.0, 1.0, 0.0), leaves="", parent=2).apply(made, {})
    tree.show_structures(more, {}, 1, editable=True)
    assert drawn == [7]
    assert tree._rows[7].parent() is tree._rows[2]
    tree.show_structures(RenameStructure(structure=3, name="inside").apply(more, {}), {4: "5 k"}, 1, editable=True)
    assert drawn == [7, 3, 4]
    assert (tree._rows[3].text(NAME), tree._rows[4].text(SIZE)) == ("inside", "5 k")
    tree.show_structures(made, {}, 1, editable=True)
    assert tree.count == len(listed(tree)) == 6
    moved = MoveStructure(structure=4, parent=None).apply(made, {})
    tree.show_structures(moved, {}, None, editable=False)
    assert tree._rows[4].parent() is None
    assert not tree._rows[4].flags() & Qt.ItemFlag.ItemIsEditable


def test_a_name_that_is_refused_gives_way_to_the_old_one(tree):
    tree._rows[1].setText(NAME, "refused")
    tree.show_structures(annotation(), {}, 1, editable=True)
    assert tree._rows[1].text(NAME) == "particle"


def test_the_list_is_as_high_as_its_rows_within_limits(tree):
    heights = []
    for count in (0, 2, 5, 40):
        tree.show_structures(annotation([(f"s{n}", None) for n in range(count)]), {}, None, editable=True)
        heights.append(tree.sizeHint().height())
    assert heights[0] == heights[1] < heights[2] < heights[3]
    rows = annotation([(f"s{n}", None) for n in range(400)])
    tree.show_structures(rows, {}, None, editable=True)
    assert tree.sizeHint().height() == heights[3]


def test_everything_is_done_by_key(tree, said):
    key(tree, "Down")
    key(tree, "Space")
    key(tree, "Delete")
    key(tree, "Z", CONTROL)
    key(tree, "Z", CONTROL | Qt.KeyboardModifier.ShiftModifier)
    key(tree, "Escape")
    assert said == [
        ("chosen", 2), ("show_toggled", 2), ("remove_requested", 2), ("undo_requested",), ("redo_requested",),
        ("escaped",),
    ]  # fmt: skip


@pytest.mark.parametrize("start", ["Return", "F2"])
def test_a_structure_is_renamed_by_key(tree, said, start):
    key(tree, start)
    editor = QApplication.focusWidget()
    QTest.keyClicks(editor, "virus")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert said == [("renamed", 1, "virus")]
    assert tree.state() != tree.State.EditingState
    assert tree.hasFocus()


def test_what_was_folded_stays_so_when_the_list_is_made_anew(tree):
    key(tree, "Left")
    tree.show_structures(annotation(), {}, 1, editable=True)
    assert [tree.topLevelItem(n).isExpanded() for n in range(3)] == [False, True, True]
    key(tree, "Right")
    tree.show_structures(annotation(), {}, 1, editable=True)
    assert tree.topLevelItem(0).isExpanded()


def test_typing_finds_structures_with_those_they_lie_inside(tree, said):
    QTest.keyClicks(tree, "s")
    line = tree.search_line.line
    assert (line.hasFocus(), line.text()) == (True, "s")
    QTest.keyClicks(line, "pi")
    assert listed(tree) == ["particle", "shell", "spike"]
    assert tree.search_line.found.text() == "1 of 6"
    QTest.keyClick(line, Qt.Key.Key_Down)
    assert (tree.hasFocus(), tree.currentItem().text(NAME)) == (True, "spike")
    assert said == [("chosen", 4)]
    tree.show_structures(annotation(), {}, 4, editable=True)
    assert listed(tree) == ["particle", "shell", "spike"]


def test_escape_lists_all_again_and_leaves_what_is_folded(tree):
    key(tree, "Left")
    QTest.keyClicks(tree, "SPIKE")
    assert tree.topLevelItem(0).isExpanded()
    QTest.keyClick(tree.search_line.line, Qt.Key.Key_Escape)
    assert len(listed(tree)) == len(NESTED)
    assert (tree.hasFocus(), tree.topLevelItem(0).isExpanded()) == (True, False)
    assert tree.search_line.isHidden()


def test_the_line_is_there_without_typing_where_there_are_many(tree):
    assert tree.search_line.isHidden()
    tree.show_structures(annotation([(f"s{n}", None) for n in range(MANY)]), {}, None, editable=True)
    tree.search_line.refresh()
    assert not tree.search_line.isHidden()


def test_the_menu_key_opens_the_menu_at_the_chosen_row(tree):
    places = []
    tree.customContextMenuRequested.connect(places.append)
    key(tree, "Down")
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, tree.rect().center(), tree.mapToGlobal(tree.pos()))
    QApplication.sendEvent(tree.viewport(), event)
    assert tree.itemAt(places[0]).text(NAME) == "shell"


def test_after_a_row_is_removed_the_next_one_is_chosen(tree):
    assert [tree.neighbour(one) for one in (1, 2, 3, 4, 5, 6)] == [5, 3, 4, 2, 6, 5]
    tree.search("shel")
    assert tree.neighbour(1) == 6
