"""Controls that say what they do to the picture and, where they are off, why."""

from collections.abc import Callable

from qtpy.QtCore import Qt
from qtpy.QtGui import QAction, QColor, QPainter, QPen
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QWidget


def set_tooltip(control: QWidget | QAction, text: str) -> None:
    """Give `control` its tooltip; screen readers get the same words."""
    control.setProperty("explanation", text)
    control.setToolTip(_wrapped(text))
    if isinstance(control, QWidget):
        control.setAccessibleDescription(text)


def set_enabled(control: QWidget | QAction, reason: str | None) -> None:
    """Enable `control` where `reason` is None, else disable it and put the reason into its tooltip."""
    text = str(control.property("explanation") or "")
    control.setEnabled(reason is None)
    control.setToolTip(_wrapped(text) if reason is None else f"{_wrapped(text)}<p><i>Not now: {reason}</i></p>")


def _wrapped(text: str) -> str:
    """As rich text, which Qt breaks into lines."""
    return f"<p>{text}</p>"


def button(text: str, explanation: str, press: Callable[[], object], *, main: bool = False) -> QPushButton:
    """A button that calls `press`; the main one of a step stands out."""
    made = QPushButton(text)
    set_tooltip(made, explanation)
    made.clicked.connect(lambda: press())
    if main:
        made.setStyleSheet("font-weight: bold")
    return made


def draw_focus(painter: QPainter, control: QWidget, colour: QColor) -> None:
    """Frame a control that paints itself while the keyboard is at it, as the style frames all others."""
    if control.hasFocus():
        painter.setPen(QPen(colour, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(control.rect().adjusted(0, 0, -1, -1))


def row(*widgets: QWidget) -> QWidget:
    """`widgets` side by side."""
    made = QWidget()
    layout = QHBoxLayout(made)
    layout.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        layout.addWidget(widget)
    return made
