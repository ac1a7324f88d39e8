"""Scrolling in a narrow dock: the wheel over a field changes no value, and lists take the height there is."""

from qtpy.QtCore import QEvent, QObject, QSize, Qt
from qtpy.QtGui import QPainter, QPaintEvent, QPalette
from qtpy.QtWidgets import (
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QFrame,
    QListWidget,
    QScrollArea,
    QScrollBar,
    QSizePolicy,
    QWidget,
)

HINT_MARGIN = 8


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


def scrolling_down(inner: QWidget) -> QScrollArea:
    """`inner` in a frameless area that scrolls up and down; Tab passes it over, for it follows what has the focus."""
    area = QScrollArea()
    area.setWidget(inner)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


def paint_hint(view: QAbstractItemView, hint: str) -> None:
    """Write into a view that has no rows how the first one gets there; to be called while it is painted."""
    painter = QPainter(view.viewport())
    painter.setPen(view.palette().color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text))
    room = view.viewport().rect().adjusted(HINT_MARGIN, HINT_MARGIN, -HINT_MARGIN, -HINT_MARGIN)
    painter.drawText(room, Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop, hint)
    painter.end()


class ExpandingList(QListWidget):
    """A list of at least `least` pixels, which grows where there is room; while it is empty it shows a hint."""

    def __init__(self, least: int, hint: str = "") -> None:
        super().__init__()
        self._least, self._hint = least, hint
        self.setMinimumHeight(least)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """As low as it may be."""
        return QSize(super().sizeHint().width(), self._least)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Say how the first row gets there."""
        super().paintEvent(event)
        if not self.count():
            paint_hint(self, self._hint)
