"""A frame that pops up below a button and stays while one works in it; a click elsewhere or Escape closes it."""

from collections.abc import Callable

from qtpy.QtCore import QPoint, Qt
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import QFrame, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from napari_hypseg._qt.widgets.controls import set_tooltip

MARGIN = 4


class Popup(QFrame):
    """Shows `content`, once it is prepared, above or below a button, wherever there is room on the screen."""

    def __init__(self, content: QWidget, prepare: Callable[[], object], button: QWidget) -> None:
        super().__init__(button, Qt.WindowType.Popup)
        self._content, self._prepare, self._button = content, prepare, button
        self.setFrameShape(QFrame.Shape.StyledPanel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(MARGIN,) * 4)
        layout.addWidget(content)

    def pop_up(self) -> None:
        """Show it, its right end below that of the button, and let keys go to what is in it."""
        self._prepare()
        self.resize(self.sizeHint())
        button, size = self._button, self.sizeHint()
        corner = button.mapToGlobal(QPoint(button.width() - size.width(), button.height()))
        screen = button.screen().availableGeometry()
        if corner.y() + size.height() > screen.bottom():
            corner.setY(button.mapToGlobal(QPoint(0, 0)).y() - size.height())
        self.move(max(corner.x(), screen.left()), max(corner.y(), screen.top()))
        self.show()
        self._content.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close with Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)


def popup_button(text: str, explanation: str, content: QWidget, prepare: Callable[[], object]) -> QToolButton:
    """A button that pops up `content`; `prepare` brings that up to date before."""
    made = QToolButton()
    made.setText(text)
    made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    set_tooltip(made, explanation)
    made.clicked.connect(Popup(content, prepare, made).pop_up)
    return made
