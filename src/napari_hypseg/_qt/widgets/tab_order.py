"""Tab goes through a panel as it is read: Qt's own order is that in which widgets were made, whatever their place."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QFormLayout,
    QGridLayout,
    QLayout,
    QLayoutItem,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QWidget,
)


def tab_in_reading_order(root: QWidget) -> None:
    """Let Tab visit what `root` holds now in the order of its layouts; the first one keeps its place in the window."""
    for before, after in pairwise(tab_stops(root)):
        QWidget.setTabOrder(before, after)


def tab_stops(root: QWidget) -> Iterator[QWidget]:
    """What takes the keyboard inside `root`, hidden or not, as it is read."""
    if isinstance(root, QScrollArea):
        inner = root.widget()
        if inner is not None:
            yield from tab_stops(inner)
    elif root.focusPolicy() & Qt.FocusPolicy.TabFocus:
        yield root
    elif isinstance(root, QSplitter | QStackedWidget):
        for part in (root.widget(number) for number in range(root.count())):
            if part is not None:
                yield from tab_stops(part)
    elif (layout := root.layout()) is not None:
        yield from _in_layout(layout)


def _in_layout(layout: QLayout) -> Iterator[QWidget]:
    for item in _items(layout):
        if (widget := item.widget()) is not None:
            yield from tab_stops(widget)
        elif (inner := item.layout()) is not None:
            yield from _in_layout(inner)


def _items(layout: QLayout) -> list[QLayoutItem]:
    """Items in rows from above; a form and a grid number theirs as they were added."""
    numbers = list(range(layout.count()))
    if isinstance(layout, QFormLayout | QGridLayout):
        numbers.sort(key=lambda number: _place(layout.getItemPosition(number)))
    return [item for number in numbers if (item := layout.itemAt(number)) is not None]


def _place(position: Any) -> tuple[int, int]:
    """Row and column; the bindings of Qt differ in what else they tell, and how."""
    row, column = position[:2]
    return int(row), int(getattr(column, "value", column))
