"""A latent chart as a widget: points, dragged by isometries, zoomed, clicked and lassoed."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from napari.utils.theme import get_theme
from qtpy.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from qtpy.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from qtpy.QtWidgets import QPushButton, QToolTip, QWidget

from napari_hypseg._qt.layers.canvas_input import Joins
from napari_hypseg._qt.layers.layer_events import single_shot
from napari_hypseg._qt.widgets.chart_painter import ChartColours, Sprites, draw_edges, draw_points
from napari_hypseg._qt.widgets.controls import draw_focus, set_tooltip
from napari_hypseg._qt.widgets.density_image import CELL, density, density_image
from napari_hypseg._qt.widgets.mouse_keys import joins_of, key_name
from napari_hypseg.geometry.picture_plane import PicturePlane, Places
from napari_hypseg.geometry.space_form import Array

MARGIN, CAPTION_PIXELS = 6, 10
"""Pixels around the picture, and of the letters below it."""
FULL_SIZE = 480
"""Pixels of a picture whose points have their full size."""
WRAPPED = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom) | int(Qt.TextFlag.TextWordWrap)
STILL = 4
REACH = 10
"""Pixels from a point within which a click is meant for it."""
MOST_MOVING = 8192
"""Points that are drawn while the picture is dragged."""
ZOOM = 1.2
FARTHEST, CLOSEST = 0.5, 50.0
EDGE_POINTS = 12
STILL_MS = 150
"""After the last turn of the wheel all points are drawn."""
MOVES = (
    "Drag to move what is of interest to the middle, the wheel zooms, Home goes back. With Lasso, or the right button, "
    "what is drawn around is selected; Shift adds, Ctrl takes away."
)


@dataclass(frozen=True, eq=False)
class ChartContent:
    """What is drawn.

    Parameters
    ----------
    points
        float64 (n, 3) of a plane.
    plane
        View of it to begin with.
    edges
        float64 (m, 2, 3): ends of the tree's edges.
    caption
        Which chart it is; a few short lines.
    sample
        float64 (s, 3): points whose density is drawn behind all, None for none.
    """

    points: Array
    plane: PicturePlane
    edges: Array
    caption: str = ""
    sample: Array | None = None


class ChartView(QWidget):
    """Draws what it is given and tells what the hand does; it knows no project.

    Parameters
    ----------
    theme
        Name of napari's theme.
    describe
        Words, or rich text, about a point.
    name, hint
        What the chart is called, and what a point is.

    Signals
    -------
    clicked
        With the number of a point, −1 for none, and `Joins`.
    lassoed
        With bool (n,), what was drawn around, and `Joins`.
    pressed
        With the name of a key, see `mouse_keys`.
    """

    clicked = Signal(int, object)
    lassoed = Signal(object, object)
    pressed = Signal(str)

    def __init__(self, theme: str, describe: Callable[[int], str], name: str, hint: str) -> None:
        super().__init__()
        self._describe, self._hint = describe, f"{hint} {MOVES}"
        self._drawn: tuple[object, ...] = ()
        self._picture = QPixmap()
        self._hovered: tuple[int, QPoint] | None = None
        self._still = single_shot(self, self.update, STILL_MS)
        self._content: ChartContent | None = None
        self._paths: Array | None = None
        self._colours: ChartColours | None = None
        self._message = ""
        self._zoom, self._middle = 1.0, 0j
        self._held: complex | None = None
        self._plane_then: PicturePlane | None = None
        self._start = QPointF()
        self._moved = False
        self._lasso: list[QPointF] | None = None
        self.lasso = QPushButton("Lasso", self)
        self.lasso.setCheckable(True)
        set_tooltip(self.lasso, "While it is on, drawing around points selects them; Shift adds, Ctrl takes away.")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(120, 100)
        self.setAccessibleName(name)
        set_tooltip(self, self._hint)
        self.set_theme(theme)

    def sizeHint(self) -> QSize:
        """As wide as high."""
        return QSize(260, 240)

    def set_theme(self, theme: str) -> None:
        """Take the colours of napari's theme called `theme`."""
        colours = get_theme(theme)
        self._text, self._ground = QColor(colours.text.as_hex()), QColor(colours.background.as_hex())
        self._sprites: Sprites | None = None
        self.update()

    def show_message(self, message: str) -> None:
        """Show words in place of a chart."""
        self._content, self._message = None, message
        self.update()

    def show_content(self, content: ChartContent) -> None:
        """Show points; the view stays where it is if they are the same as before."""
        if self._content is None or content.points is not self._content.points:
            self.plane, self._zoom, self._middle = content.plane, 1.0, 0j
        self._content = content
        set_tooltip(self, f"{content.caption}. {self._hint}".replace("\n", ", "))
        edges = content.edges
        self._paths = content.plane.space.geodesic(edges[:, 0], edges[:, 1], EDGE_POINTS) if len(edges) else None
        self.update()

    def show_colours(self, colours: ChartColours) -> None:
        """Colour the points."""
        self._colours = colours
        self.update()

    def pixels_of(self, places: Places) -> Places:
        """Pixels, x + iy, of places in the picture; y grows upwards there."""
        return np.asarray(self._centre + self._scale * np.conj(places - self._middle))

    def place_at(self, pixel: QPointF) -> complex:
        """Inverse of `pixels_of`."""
        step = complex(pixel.x(), pixel.y()) - self._centre
        return step.conjugate() / self._scale + self._middle

    @property
    def point_pixels(self) -> Places:
        """Pixels of all points."""
        assert self._content is not None
        return self.pixels_of(self.plane.places(self._content.points))

    def reset(self) -> None:
        """Look at everything again."""
        if self._content is not None:
            self.plane, self._zoom, self._middle = self._content.plane, 1.0, 0j
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture, which is only drawn again where it has changed, and the lasso on it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._content is None or self._colours is None:
            painter.setPen(self._text)
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(self.rect().adjusted(MARGIN, 0, -MARGIN, 0), flags, self._message)
            return
        view = self.plane, self._zoom, self._middle, self._step, self.size()
        wanted = self._content, self._colours, self._ground, *view
        if self._drawn != wanted or self._picture.devicePixelRatio() != self.devicePixelRatioF():
            self._drawn = wanted
            self._draw_picture(self._content, self._colours)
        painter.drawPixmap(0, 0, self._picture)
        draw_focus(painter, self, self._text)
        if self._lasso is not None:
            painter.setPen(QPen(self._text, 1.5, Qt.PenStyle.DashLine))
            painter.drawPolyline(QPolygonF([*self._lasso, self._lasso[0]]))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The button stays in its corner, unless it has a place elsewhere."""
        super().resizeEvent(event)
        if self.lasso.parent() is self:
            self.lasso.adjustSize()
            self.lasso.move(self.width() - self.lasso.width(), 0)

    def event(self, event: QEvent) -> bool:
        """Over a point the tooltip says which leaf it is."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._content is not None:
            point = self._point_at(QPointF(event.pos()))
            self._hovered = None if point is None else (point, event.globalPos())
            if point is not None:
                self.describe_hovered()
                return True
        return super().event(event)

    def describe_hovered(self, *, again: bool = False) -> None:
        """Say what the point under the pointer is; `again` only where that is still being said."""
        if self._hovered is not None and (not again or QToolTip.isVisible()):
            point, place = self._hovered
            QToolTip.showText(place, self._describe(point), self)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the pointer any more."""
        self._hovered = None
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a place, or begin a lasso."""
        if self._content is None:
            return
        self._start, self._moved = event.position(), False
        if event.button() == Qt.MouseButton.RightButton or self.lasso.isChecked():
            self._lasso = [event.position()]
        elif event.button() == Qt.MouseButton.LeftButton:
            self._held, self._plane_then = self.place_at(event.position()), self.plane

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Take what is held along, or go on with the lasso."""
        step = event.position() - self._start
        self._moved = self._moved or max(abs(step.x()), abs(step.y())) > STILL
        if self._lasso is not None:
            self._lasso.append(event.position())
            self.update()
        elif self._held is not None and self._plane_then is not None and self._moved:
            self.plane = self._plane_then.dragged(self._held, self.place_at(event.position()))
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Close the lasso; a press and a release in one place are a click."""
        lasso, self._lasso = self._lasso, None
        held, self._held = self._held, None
        if self._content is None or (lasso is None and held is None):
            return
        if not self._moved:
            self._click(event.position(), joins_of(event.modifiers()))
        elif lasso is not None:
            self.lassoed.emit(inside(lasso, self.point_pixels, self.size()), joins_of(event.modifiers()))
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer."""
        before = self.place_at(event.position())
        self._zoom = min(max(self._zoom * ZOOM ** (event.angleDelta().y() / 120), FARTHEST), CLOSEST)
        self._middle += before - self.place_at(event.position())
        self._still.start()
        self.update()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Home looks at everything; other keys do what they do over the canvas."""
        name = key_name(event)
        if event.key() == Qt.Key.Key_Home:
            self.reset()
        elif name is None:
            super().keyPressEvent(event)
        else:
            self.pressed.emit(name)

    @property
    def _scale(self) -> float:
        return self._radius * self._zoom

    @property
    def _radius(self) -> float:
        return max(min(self.width(), self._caption_top) / 2 - MARGIN, 1)

    @property
    def _centre(self) -> complex:
        return complex(self.width() / 2, self._caption_top / 2)

    @property
    def _caption_top(self) -> int:
        """Where the words below the picture begin; a narrow picture breaks them into more lines."""
        return self.height() - self._caption_room(self.width(), self._content.caption if self._content else "")

    def _caption_room(self, width: int, caption: str) -> int:
        lines = QFontMetrics(self._caption_font()).boundingRect(QRect(0, 0, width, self.height()), WRAPPED, caption)
        return lines.height() + 2

    def _caption_font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(CAPTION_PIXELS)
        return font

    @property
    def _step(self) -> int:
        """One of how many points is drawn: all of them unless the picture moves and there are very many."""
        moving = (self._held is not None and self._moved) or self._still.isActive()
        return -(-len(self._content.points) // MOST_MOVING) if moving and self._content is not None else 1

    def _draw_picture(self, content: ChartContent, colours: ChartColours) -> None:
        """Rim, cloud, edges and points: drawn once, since very many points take longer than a step of the hand."""
        ratio = self.devicePixelRatioF()
        self._picture = QPixmap(self.size() * ratio)
        self._picture.setDevicePixelRatio(ratio)
        self._picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.plane.has_rim:
            self._draw_rim(painter)
        if content.sample is not None:
            self._draw_density(painter, content.sample)
        if self._paths is not None:
            draw_edges(painter, self.pixels_of(self.plane.places(self._paths)), self._text)
        places = self.plane.places(content.points[:: self._step])
        size = min(max(2 * self._radius / FULL_SIZE * self._zoom**0.5, 0.5), 1.5)
        looks = colours.every(self._step).scaled(size, self._ground)
        if self._sprites is None or self._sprites.ratio != ratio:
            self._sprites = Sprites(self._text, ratio)
        draw_points(painter, self.pixels_of(places), places, looks, self.plane.has_rim, self._sprites)
        self._draw_caption(painter, content.caption)
        painter.end()

    def _draw_rim(self, painter: QPainter) -> None:
        colour = QColor(self._text)
        colour.setAlphaF(0.06)
        painter.setBrush(colour)
        colour.setAlphaF(0.5)
        painter.setPen(QPen(colour, 1))
        middle = complex(self.pixels_of(np.zeros(1, dtype=np.complex128))[0])
        painter.drawEllipse(QPointF(middle.real, middle.imag), self._scale, self._scale)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _draw_density(self, painter: QPainter, sample: Array) -> None:
        shares = density(self.pixels_of(self.plane.places(sample)), self.size())
        image = density_image(shares, self._text)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(0, 0, CELL * image.width(), CELL * image.height()), image)

    def _draw_caption(self, painter: QPainter, caption: str) -> None:
        painter.setFont(self._caption_font())
        painter.setPen(self._text)
        top = self._caption_top
        painter.drawText(QRectF(0, top, self.width(), self.height() - top), WRAPPED, caption)

    def _click(self, pixel: QPointF, joins: Joins) -> None:
        point = self._point_at(pixel)
        self.clicked.emit(-1 if point is None else point, joins)

    def _point_at(self, pixel: QPointF) -> int | None:
        """The point nearest to a pixel, None if none is near."""
        gaps = np.abs(self.point_pixels - complex(pixel.x(), pixel.y()))
        nearest = int(gaps.argmin())
        return nearest if gaps[nearest] <= REACH else None


def inside(lasso: list[QPointF], pixels: Places, size: QSize) -> npt.NDArray[np.bool_]:
    """Which pixels (n,) of a widget of some size lie inside a closed line; where it crosses itself, by parity.

    The line is painted and the pixels are looked up: with very many points no more than that can be done in time.
    """
    image = QImage(size, QImage.Format.Format_Grayscale8)
    image.fill(0)
    painter = QPainter(image)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(255, 255, 255))
    painter.drawPolygon(QPolygonF(lasso), Qt.FillRule.OddEvenFill)
    painter.end()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(size.height(), image.bytesPerLine())
    x, y = (np.floor(part).astype(np.int64) for part in (pixels.real, pixels.imag))
    within = (x >= 0) & (x < size.width()) & (y >= 0) & (y < size.height())
    found = np.zeros(len(pixels), dtype=bool)
    found[within] = rows[y[within], x[within]] > 0
    return found
