"""Draws a dendrogram: branches in the colours of their regions, wedges below, the scale beside them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from qtpy.QtCore import QLineF, QPointF, QRectF, Qt
from qtpy.QtGui import QBrush, QColor, QFont, QPainter, QPen, QPolygonF

from napari_hypseg.hierarchy.dendrogram import Dendrogram, depth_of_cut

LEFT, TOP, RIGHT, BOTTOM = 34, 12, 8, 8
"""Margins in pixels; the scale stands in the left one."""
DIMMED, FAINT = 0.22, 0.45
STEM, SELECTED_STEM = 1.6, 3.0
WEDGE_GAP = 0.08
"""Share of a wedge's width left empty at each side."""
LIGHT_GROUND_SHADE = 0.8
NARROW = 6.0
"""Pixels below which a wedge is drawn as a line."""
MARK = 4.0
TICKS = (1, 2, 5)


@dataclass(frozen=True, eq=False)
class BranchColours:
    """How the m nodes of a dendrogram look.

    Parameters
    ----------
    samples
        float32 (m, n, 3): sRGB in [0, 1] of leaves spread over those below.
    uniform, selected
        bool (m,): whether all below is of one region, and whether it is selected.
    dims
        Whether something is selected, so that all else is dimmed.
    opened, closed
        Indices of nodes that were opened or closed by hand.
    """

    samples: npt.NDArray[np.float32]
    uniform: npt.NDArray[np.bool_]
    selected: npt.NDArray[np.bool_]
    dims: bool
    opened: tuple[int, ...] = ()
    closed: tuple[int, ...] = ()


@dataclass(frozen=True)
class Frame:
    """Where a dendrogram stands in a widget.

    Parameters
    ----------
    width, height
        Of the widget, in pixels.
    start, stop
        Part of the range [0, 1] that is in view.
    floor
        Greatest depth.
    """

    width: int
    height: int
    start: float
    stop: float
    floor: float

    def x(self, place: float) -> float:
        """Pixel of a place in [0, 1]."""
        return LEFT + (place - self.start) / (self.stop - self.start) * self._wide

    def y(self, depth: float) -> float:
        """Pixel of a depth."""
        return TOP + depth / self.floor * self._high

    def place(self, x: float) -> float:
        """Inverse of `x`."""
        return self.start + (x - LEFT) / self._wide * (self.stop - self.start)

    def depth(self, y: float) -> float:
        """Inverse of `y`."""
        return (y - TOP) / self._high * self.floor

    @property
    def area(self) -> QRectF:
        """Where branches are drawn."""
        return QRectF(LEFT, TOP, self._wide, self._high)

    @property
    def _wide(self) -> int:
        return max(self.width - LEFT - RIGHT, 1)

    @property
    def _high(self) -> int:
        return max(self.height - TOP - BOTTOM, 1)


def draw_scale(painter: QPainter, frame: Frame, text: QColor, n_leaves: int) -> None:
    """Numbers of regions along the left edge, with a faint line each."""
    font = QFont(painter.font())
    font.setPixelSize(10)
    painter.setFont(font)
    lowest = -np.inf
    for regions in (tick * 10**power for power in range(6) for tick in TICKS):
        y = frame.y(depth_of_cut(regions))
        if regions > n_leaves or y < lowest:
            continue
        lowest = y + 14
        painter.setPen(_with_alpha(text, 0.12))
        painter.drawLine(QLineF(LEFT, y, frame.width - RIGHT, y))
        painter.setPen(_with_alpha(text, 0.75))
        box = QRectF(0, y - 8, LEFT - 5, 16)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), str(regions))


def draw_branches(painter: QPainter, frame: Frame, drawn: Dendrogram, looks: BranchColours, text: QColor) -> None:
    """Stems, bars and wedges; what is selected last, on top of the rest."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for index in np.argsort(looks.selected, kind="stable").tolist():
        if frame.x(drawn.right[index]) < LEFT or frame.x(drawn.left[index]) > frame.width:
            continue
        chosen = bool(looks.selected[index])
        strength = 1.0 if chosen or not looks.dims else DIMMED
        first = _colour(looks.samples[index, 0])
        colour = first if looks.uniform[index] else _with_alpha(text, FAINT)
        pen = QPen(_with_alpha(colour, strength * colour.alphaF()), SELECTED_STEM if chosen else STEM)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        x, bottom = frame.x(drawn.x[index]), frame.y(drawn.depth[index])
        painter.drawLine(QLineF(x, frame.y(drawn.top[index]), x, bottom))
        larger, smaller = drawn.children[index]
        if larger >= 0:
            painter.drawLine(QLineF(frame.x(drawn.x[larger]), bottom, frame.x(drawn.x[smaller]), bottom))
        elif drawn.depth[index] < drawn.floor:
            _draw_wedge(painter, frame, drawn, index, looks, strength)


def draw_marks(painter: QPainter, frame: Frame, drawn: Dendrogram, looks: BranchColours, text: QColor) -> None:
    """A ring where a region was opened by hand, a disc where one was closed."""
    painter.setPen(QPen(text, 1.5))
    for indices, brush in ((looks.opened, QBrush(Qt.BrushStyle.NoBrush)), (looks.closed, QBrush(text))):
        painter.setBrush(brush)
        for index in indices:
            painter.drawEllipse(QPointF(frame.x(drawn.x[index]), frame.y(drawn.depth[index])), MARK, MARK)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _draw_wedge(
    painter: QPainter, frame: Frame, drawn: Dendrogram, index: int, looks: BranchColours, strength: float
) -> None:
    """All that hangs from a tip, in the colours of the regions along its foot; a line where it is narrow."""
    left, right = frame.x(drawn.left[index]), frame.x(drawn.right[index])
    gap = WEDGE_GAP * (right - left)
    apex, foot = QPointF(frame.x(drawn.x[index]), frame.y(drawn.depth[index])), frame.y(drawn.floor)
    if right - left < NARROW:
        pen = QPen(_with_alpha(_colour(looks.samples[index, 0]), strength), max(right - left - 1, 1))
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawLine(apex, QPointF(apex.x(), foot))
        return
    samples = looks.samples[index, :1] if looks.uniform[index] else looks.samples[index]
    feet = np.linspace(left + gap, right - gap, len(samples) + 1).tolist()
    painter.setPen(Qt.PenStyle.NoPen)
    for sample, start, stop in zip(samples, feet[:-1], feet[1:], strict=True):
        painter.setBrush(_with_alpha(_colour(sample), 0.85 * strength))
        painter.drawPolygon(QPolygonF([apex, QPointF(start, foot), QPointF(stop, foot)]))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def darkening(ground: QColor) -> np.float32:
    """Factor for the colours of regions, which are made for a dark ground: pale lines vanish on a light one."""
    return np.float32(LIGHT_GROUND_SHADE if ground.lightnessF() > 0.5 else 1)


def _colour(rgb: npt.NDArray[np.float32]) -> QColor:
    red, green, blue = rgb.tolist()
    return QColor.fromRgbF(red, green, blue)


def _with_alpha(colour: QColor, alpha: float) -> QColor:
    made = QColor(colour)
    made.setAlphaF(alpha)
    return made
