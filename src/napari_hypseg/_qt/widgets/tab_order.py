"""Tab goes through a panel as it is read: Qt's own order is that in which widgets were made, whatever their place."""

from collections.abc import Iterator
from itertools import pairwise

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFormLayout, QGridLayout, QLayout, QLayoutItem, QScrollArea, QSplitter, QWidget


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
    elif isinstance(root, QSplitter):
        for number in range(root.count()):
            yield from tab_stops(root.widget(number))
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
    numbers = range(layout.count())
    if isinstance(layout, QFormLayout):
        numbers = sorted(numbers, key=lambda n: _form_place(layout, n))
    elif isinstance(layout, QGridLayout):
        numbers = sorted(numbers, key=lambda n: layout.getItemPosition(n)[:2])
    return [layout.itemAt(number) for number in numbers]


def _form_place(form: QFormLayout, number: int) -> tuple[int, int]:
    row, role = form.getItemPosition(number)
    return row, role.value
