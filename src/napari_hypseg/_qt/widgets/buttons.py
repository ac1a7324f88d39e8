"""Widgets that recur: buttons that explain themselves, and widgets side by side."""

from collections.abc import Callable

from qtpy.QtWidgets import QHBoxLayout, QPushButton, QWidget

from napari_hypseg._qt.widgets.tooltips import set_tooltip


def button(text: str, explanation: str, press: Callable[[], object], *, main: bool = False) -> QPushButton:
    """A button that calls `press`; the main one of a step stands out."""
    made = QPushButton(text)
    set_tooltip(made, explanation)
    made.clicked.connect(lambda: press())
    if main:
        made.setStyleSheet("font-weight: bold")
    return made


def row(*widgets: QWidget) -> QWidget:
    """`widgets` side by side."""
    made = QWidget()
    layout = QHBoxLayout(made)
    layout.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        layout.addWidget(widget)
    return made
