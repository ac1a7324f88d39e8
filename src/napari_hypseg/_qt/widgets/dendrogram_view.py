"""The dendrogram as a widget: a line that is dragged to cut the tree, branches that are clicked, opened and closed."""

from collections.abc import Callable
from dataclasses import replace

from napari.utils.theme import get_theme
from qtpy.QtCore import QEvent, QLineF, QPoint, QPointF, QRectF, QSize, Qt, Signal
from qtpy.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QWheelEvent
from qtpy.QtWidgets import QToolTip, QWidget

from napari_hypseg._qt.widgets.controls import draw_focus, set_tooltip
from napari_hypseg._qt.widgets.dendrogram_painter import (
    LEFT,
    RIGHT,
    BranchColours,
    Frame,
    darkening,
    draw_branches,
    draw_marks,
    draw_scale,
)
from napari_hypseg._qt.widgets.mouse_keys import joins_of, key_name
from napari_hypseg.hierarchy.dendrogram import Dendrogram, depth_of_cut, regions_at_depth

FEWEST = 2
GRAB = 6
"""Pixels beside the line at which it is taken hold of."""
STILL = 4
ZOOM = 1.2
NARROWEST = 0.02
HINT = (
    "Drag the line to change the number of regions. Click a branch to select all below it, Shift adds, Ctrl takes "
    "away; a double click opens or closes it there only (○ opened, ● closed). Arrow keys go to "
    "the parent, back down, and to the next region; the wheel zooms."
)


class DendrogramView(QWidget):
    """Draws what it is given and tells what the hand does; it knows no project.

    Signals
    -------
    cut_dragged
        With the number of regions where the line was dragged to.
    clicked
        With a node and `Joins`.
    double_clicked
        With a node.
    pressed
        With the name of a key, see `mouse_keys`.
    """

    cut_dragged = Signal(int)
    clicked = Signal(int, object)
    double_clicked = Signal(int)
    pressed = Signal(str)

    def __init__(self, theme: str, describe: Callable[[int], str]) -> None:
        super().__init__()
        self._describe = describe
        self._drawn: Dendrogram | None = None
        self._looks: BranchColours | None = None
        self._n_leaves, self._n_regions = FEWEST, FEWEST
        self._start, self._stop = 0.0, 1.0
        self._picture: QPixmap | None = None
        self._pressed: QPointF | None = None
        self._range_then = (0.0, 1.0)
        self._drags_line = self._moved = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(200, 120)
        self.setAccessibleName("Dendrogram of the regions")
        set_tooltip(self, HINT)
        self.set_theme(theme)

    def sizeHint(self) -> QSize:
        """Wider than high."""
        return QSize(420, 260)

    def set_theme(self, theme: str) -> None:
        """Take the colours of napari's theme called `theme`."""
        colours = get_theme(theme)
        self._text, self._ground = QColor(colours.text.as_hex()), QColor(colours.background.as_hex())
        self._redraw()

    def show_tree(self, drawn: Dendrogram | None, n_leaves: int = FEWEST) -> None:
        """Show another tree; None for none."""
        if drawn is None or n_leaves != self._n_leaves:
            self._start, self._stop = 0.0, 1.0
        self._drawn, self._looks, self._n_leaves = drawn, None, n_leaves
        self._redraw()

    def show_branches(self, looks: BranchColours, n_regions: int) -> None:
        """Colour the branches and put the line at `n_regions`."""
        self._looks, self._n_regions = looks, n_regions
        self._redraw()

    @property
    def frame(self) -> Frame:
        """Where the tree stands in the widget."""
        floor = self._drawn.floor if self._drawn is not None else 1.0
        return Frame(self.width(), self.height(), self._start, self._stop, floor)

    @property
    def line(self) -> float:
        """Pixel row of the line."""
        return self.frame.y(depth_of_cut(self._n_regions))

    def place_of(self, node: int) -> QPoint | None:
        """A pixel at which `node` is clicked, None if it is not drawn."""
        index = self._drawn.index_of(node) if self._drawn is not None else None
        if index is None or self._drawn is None:
            return None
        depth = (self._drawn.top[index] + self._drawn.depth[index]) / 2
        return QPointF(self.frame.x(self._drawn.x[index]), self.frame.y(depth)).toPoint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The branches as they were drawn last, and the line over them."""
        painter = QPainter(self)
        if self._drawn is None or self._looks is None:
            painter.setPen(self._text)
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), "There are no regions yet.")
            return
        if self._picture is None:
            self._picture = self._draw(self._drawn, self._looks)
        painter.drawPixmap(0, 0, self._picture)
        self._draw_line(painter)
        draw_focus(painter, self, self._text)

    def resizeEvent(self, event: QEvent) -> None:
        """Draw anew."""
        self._redraw()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the line, or of the tree to move it."""
        if event.button() == Qt.MouseButton.LeftButton and self._drawn is not None:
            self._pressed, self._moved = event.position(), False
            self._drags_line = self._is_at_line(event.position())
            self._range_then = self._start, self._stop

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag what was taken hold of."""
        if self._pressed is None:
            over = self._drawn is not None and self._is_at_line(event.position())
            self.setCursor(Qt.CursorShape.SizeVerCursor if over else Qt.CursorShape.ArrowCursor)
            return
        step = event.position() - self._pressed
        self._moved = self._moved or max(abs(step.x()), abs(step.y())) > STILL
        if self._drags_line and self._moved:
            wanted = regions_at_depth(self.frame.depth(event.position().y()), FEWEST, self._n_leaves)
            if wanted != self._n_regions:
                self._n_regions = wanted
                self.update()
                self.cut_dragged.emit(wanted)
        elif self._moved:  # the tree
            start, stop = self._range_then
            self._look_at(start - step.x() / self.frame.area.width() * (stop - start), stop - start)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A press and a release in one place are a click."""
        pressed, self._pressed = self._pressed, None
        node = self._node_at(event.position())
        if pressed is not None and not self._moved and node is not None:
            self.clicked.emit(node, joins_of(event.modifiers()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open or close a branch."""
        node = self._node_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and node is not None:
            self.double_clicked.emit(node)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom along the leaves, about the pointer."""
        steps = event.angleDelta().y() / 120
        place, width = self.frame.place(event.position().x()), self._stop - self._start
        wide = min(max(width * ZOOM**-steps, NARROWEST), 1.0)
        self._look_at(place - (place - self._start) / width * wide, wide)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys do what they do over the canvas."""
        name = key_name(event)
        if name is None:
            super().keyPressEvent(event)
        else:
            self.pressed.emit(name)

    def event(self, event: QEvent) -> bool:
        """Over a branch the tooltip says which it is."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            node = self._node_at(QPointF(event.pos()))
            if node is not None:
                QToolTip.showText(event.globalPos(), self._describe(node), self)
                return True
        return super().event(event)

    def _look_at(self, start: float, width: float) -> None:
        self._start = min(max(start, 0.0), 1.0 - width)
        self._stop = self._start + width
        self._redraw()

    def _is_at_line(self, place: QPointF) -> bool:
        return abs(place.y() - self.line) <= GRAB and place.x() >= LEFT

    def _node_at(self, place: QPointF) -> int | None:
        if self._drawn is None:
            return None
        return self._drawn.node_at(self.frame.place(place.x()), self.frame.depth(place.y()))

    def _redraw(self) -> None:
        self._picture = None
        self.update()

    def _draw(self, drawn: Dendrogram, looks: BranchColours) -> QPixmap:
        picture = QPixmap(self.size() * self.devicePixelRatioF())
        picture.setDevicePixelRatio(self.devicePixelRatioF())
        picture.fill(self._ground)
        painter = QPainter(picture)
        draw_scale(painter, self.frame, self._text, self._n_leaves)
        painter.setClipRect(self.frame.area.adjusted(0, -6, 0, 6))
        seen = replace(looks, samples=looks.samples * darkening(self._ground))
        draw_branches(painter, self.frame, drawn, seen, self._text)
        draw_marks(painter, self.frame, drawn, looks, self._text)
        painter.end()
        return picture

    def _draw_line(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        words = f"{self._n_regions} regions"
        wide = painter.fontMetrics().horizontalAdvance(words) + 14
        high = painter.fontMetrics().height() + 2
        pill = QRectF(self.width() - RIGHT - wide, min(self.line - high / 2, self.height() - high), wide, high)
        painter.setPen(QPen(self._text, 1.5))
        painter.drawLine(QLineF(LEFT, self.line, pill.left(), self.line))
        painter.setBrush(self._text)
        painter.drawRoundedRect(pill, high / 2, high / 2)
        painter.setPen(self._ground)
        painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), words)
