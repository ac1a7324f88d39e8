"""Tab goes through a panel as it is read, whenever its widgets were made."""

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFormLayout, QGridLayout, QLabel, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget

from napari_hypseg._qt.dialogs.apply_dialog import ApplyDialog
from napari_hypseg._qt.widgets.scrolling import scrolling_down
from napari_hypseg._qt.widgets.tab_order import tab_in_reading_order, tab_stops


def tabbed(root):
    """What Tab visits inside `root`, in its order, from the first of `tab_stops` on."""
    start = next(tab_stops(root))
    found, widget = [start], start.nextInFocusChain()
    while widget is not start:
        if root.isAncestorOf(widget) and widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not widget.focusProxy():
            found.append(widget)
        widget = widget.nextInFocusChain()
    return found


def test_rows_of_forms_grids_and_scrolled_panels_follow_each_other(qtbot):
    lines = [QLineEdit(str(number)) for number in range(8)]
    inner, form, grid = QWidget(), QFormLayout(), QGridLayout()
    column = QVBoxLayout(inner)
    column.addLayout(form)
    column.addLayout(grid)
    form.addRow("b", lines[3])
    form.insertRow(0, QLabel("a"), lines[2])
    grid.addWidget(lines[6], 1, 0)
    grid.addWidget(lines[5], 0, 1)
    grid.addWidget(lines[4], 0, 0)
    root = QWidget()
    qtbot.addWidget(root)
    layout = QVBoxLayout(root)
    layout.addWidget(scrolling_down(inner))
    layout.insertWidget(0, lines[1])
    layout.insertWidget(0, lines[0])
    layout.addWidget(lines[7])
    assert tabbed(root) != lines
    tab_in_reading_order(root)
    assert tabbed(root) == lines


@pytest.fixture
def expanded(dock):
    """The dock with all that folds away made and in its place."""
    dock.locate.settings.expand()
    return dock


def test_the_whole_dock_is_in_order_also_with_another_method(expanded):
    method = expanded.learn.form.method
    for row in range(method.count()):
        method.setCurrentIndex(row)
        assert tabbed(expanded) == list(tab_stops(expanded))
    stops = tabbed(expanded)
    assert expanded.explore.export in stops
    assert (
        stops.index(expanded.learn.train) < stops.index(expanded.explore.slider) < stops.index(expanded.explore.apply)
    )


def test_tables_and_dialogs_are_in_order_and_every_stop_says_what_it_does(qtbot, expanded, tmp_path):
    dialog = ApplyDialog(tmp_path, expanded.activity, expanded.workspace.applying)
    qtbot.addWidget(dialog)
    for part in (expanded, expanded.measure, expanded.particles, dialog):
        stops = tabbed(part)
        assert stops == list(tab_stops(part))
        assert not [stop for stop in stops if isinstance(stop, QScrollArea)]
        silent = [stop for stop in stops if not stop.toolTip() and not stop.parentWidget().toolTip()]
        assert [f"{type(stop).__name__} {stop.accessibleName()}" for stop in silent] == []


def test_a_button_is_reached_before_what_follows_it(qtbot):
    root = QWidget()
    qtbot.addWidget(root)
    below, above = QPushButton(), QPushButton()
    layout = QVBoxLayout(root)
    layout.addWidget(below)
    layout.insertWidget(0, above)
    tab_in_reading_order(root)
    assert tabbed(root) == [above, below]
