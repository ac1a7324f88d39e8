"""The line of the curtain over the picture, which is dragged, with a word on each side for what is seen there."""

from qtpy.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from qtpy.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from qtpy.QtWidgets import QLabel, QWidget

from napari_hypseg._napari.screen_clip import ScreenLine

THICK = 18
"""Pixels around the line in which the mouse takes it."""
KNOB = 7
GAP = 8
LIGHT, DARK = QColor(255, 255, 255), QColor(0, 0, 0, 160)
CAPTION = "QLabel { background: rgba(0, 0, 0, 150); color: white; border-radius: 3px; padding: 2px 6px; }"


class CurtainHandle(QWidget):
    """Lies on `canvas` and goes with it.

    Signals
    -------
    dragged
        With the fraction of the canvas where the line was dragged to.
    resized
        The canvas has another size.
    """

    dragged = Signal(float)
    resized = Signal()

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._canvas, self.line = canvas, ScreenLine()
        self.captions = (QLabel(canvas), QLabel(canvas))
        for caption in self.captions:
            caption.setStyleSheet(CAPTION)
            caption.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setToolTip("Drag the line to see more of the one or of the other; a double click puts it in the middle.")
        canvas.installEventFilter(self)

    def show_line(self, line: ScreenLine, before: str, behind: str) -> None:
        """Put the line and its words in their place."""
        self.line = line
        self.setCursor(Qt.CursorShape.SplitHCursor if line.upright else Qt.CursorShape.SplitVCursor)
        width, height = self._canvas.width(), self._canvas.height()
        place = round(line.fraction * (width if line.upright else height))
        if line.upright:
            self.setGeometry(place - THICK // 2, 0, THICK, height)
        else:
            self.setGeometry(0, place - THICK // 2, width, THICK)
        for caption, text in zip(self.captions, (before, behind), strict=True):
            caption.setText(text)
            caption.adjustSize()
        first, second = self.captions
        if line.upright:
            first.move(place - GAP - first.width(), GAP)
            second.move(place + GAP, GAP)
        else:
            first.move(GAP, place - GAP - first.height())
            second.move(GAP, place + GAP)
        for part in (self, *self.captions):
            part.show()
            part.raise_()
        self.update()

    def conceal(self) -> None:
        """Show no line for the time being."""
        for part in (self, *self.captions):
            part.hide()

    def remove(self) -> None:
        """Take the line off the canvas."""
        self._canvas.removeEventFilter(self)
        self.conceal()
        for part in (self, *self.captions):
            part.deleteLater()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Follow the size of the canvas."""
        if event is not None and event.type() == QEvent.Type.Resize:
            self.resized.emit()
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the line; the picture below does not move."""
        event.setAccepted(event.button() == Qt.MouseButton.LeftButton)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Let the line follow the hand."""
        place = self.mapToParent(event.position().toPoint())
        share = (
            place.x() / max(1, self._canvas.width()) if self.line.upright else place.y() / max(1, self._canvas.height())
        )
        self.dragged.emit(min(max(share, 0.0), 1.0))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Put the line in the middle."""
        self.dragged.emit(0.5)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A light line with a dark edge and a knob, seen on any picture."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = QPointF(self.rect().center()) + QPointF(0.5, 0.5)
        reach = QPointF(0, self.height()) if self.line.upright else QPointF(self.width(), 0)
        for colour, width in ((DARK, 4.0), (LIGHT, 1.6)):
            painter.setPen(QPen(colour, width))
            painter.drawLine(middle - reach, middle + reach)
        painter.setBrush(LIGHT)
        painter.setPen(QPen(DARK, 1.5))
        painter.drawEllipse(QRectF(middle.x() - KNOB, middle.y() - KNOB, 2 * KNOB, 2 * KNOB))
