"""Tooltips that say what a control does to the picture and, where it is off, why."""

from qtpy.QtGui import QAction
from qtpy.QtWidgets import QWidget


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
