"""Scrolling in a narrow dock: the wheel over a field changes no value, and lists take the height there is."""

from qtpy.QtCore import QEvent, QObject, QSize, Qt
from qtpy.QtWidgets import QAbstractSlider, QAbstractSpinBox, QComboBox, QListWidget, QScrollBar, QSizePolicy, QWidget


class _PassWheelOn(QObject):
    """Leaves the wheel to what the watched field lies in, the panel that scrolls for instance."""

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is None or event.type() != QEvent.Type.Wheel:
            return False
        event.ignore()  # Qt offers what is ignored to the parent
        return True


def pass_wheel_to_parent(parent: QWidget) -> None:
    """Let the wheel pass over every number, choice and slider inside `parent` that is there now."""
    passing = _PassWheelOn(parent)
    for kind in (QAbstractSpinBox, QComboBox, QAbstractSlider):
        for field in parent.findChildren(kind):
            if not isinstance(field, QScrollBar):
                field.installEventFilter(passing)
                if field.focusPolicy() == Qt.FocusPolicy.WheelFocus:
                    field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)


class ExpandingList(QListWidget):
    """A list of at least `least` pixels, which grows where there is room."""

    def __init__(self, least: int) -> None:
        super().__init__()
        self._least = least
        self.setMinimumHeight(least)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """As low as it may be."""
        return QSize(super().sizeHint().width(), self._least)
