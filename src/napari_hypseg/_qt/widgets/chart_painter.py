"""Draws the points and edges of a latent chart, fast enough to follow the hand with thousands of leaves."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from qtpy.QtCore import QPointF, QSize, Qt
from qtpy.QtGui import QColor, QPainter, QPen, QPixmap, QPolygonF

from napari_hypseg._qt.widgets.dendrogram_painter import darkening
from napari_hypseg.geometry.picture_plane import Places

DIMMED = 0.25
RADII = (1.25, 2.0, 2.75, 3.5, 4.5, 6.0, 8.0)
LEAST, MOST = 2.0, 8.0
"""Pixels: a point is drawn with the nearest of these."""
RIM_SHARE = 0.45
"""Size of a point at the rim in that of the same point in the middle."""
SHADES = 32
"""Of each of red, green and blue, that are told apart."""
SPRITE = 22
"""Edge of the picture of a point; more than twice the largest radius."""
PLAIN, UNSELECTED, SELECTED = range(3)
EDGE_WIDTH = 1.2
OUTLINE, THIN = 0.8, 3.0
"""Width of the line around a selected point, and radius up to which it is thinner, or nothing else were seen."""


@dataclass(frozen=True, eq=False)
class ChartColours:
    """How the n points of a chart look.

    Parameters
    ----------
    rgb
        float32 (n, 3): sRGB in [0, 1].
    radii
        float64 (n,): pixels in the middle of the picture.
    selected
        bool (n,), None where nothing is selected.
    """

    rgb: npt.NDArray[np.float32]
    radii: npt.NDArray[np.float64]
    selected: npt.NDArray[np.bool_] | None

    def every(self, step: int) -> "ChartColours":
        """Only one of `step` points."""
        selected = None if self.selected is None else self.selected[::step]
        return ChartColours(self.rgb[::step], self.radii[::step], selected)

    def scaled(self, factor: float, ground: QColor) -> "ChartColours":
        """With other sizes, and in colours that can be seen on a ground."""
        return replace(self, radii=factor * self.radii, rgb=self.rgb * darkening(ground))


def point_radii(sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Pixels of points (n,) by their voxels: the area grows with the two thirds power, like a surface."""
    largest = max(int(sizes.max(initial=1)), 1)
    return np.asarray(LEAST + (MOST - LEAST) * np.cbrt(sizes / largest))


class Sprites:
    """Pictures of single points, made when they are first needed: to copy one is ten times as fast as to draw it.

    Parameters
    ----------
    outline
        Colour around what is selected.
    ratio
        Pixels of the screen in one of the widget.
    """

    def __init__(self, outline: QColor, ratio: float) -> None:
        self.ratio = ratio
        self._outline = outline
        self._made: dict[int, QPixmap] = {}

    def of(self, key: int) -> QPixmap:
        """The picture of a point with a key of `point_keys`; its middle is that of the point."""
        if key not in self._made:
            self._made[key] = self._make(key)
        return self._made[key]

    def _make(self, key: int) -> QPixmap:
        state, rest = divmod(key, len(RADII) * SHADES**3)
        radius = RADII[len(RADII) - 1 - rest // SHADES**3]
        shades = (rest // SHADES**2 % SHADES, rest // SHADES % SHADES, rest % SHADES)
        colour = QColor.fromRgbF(*(shade / (SHADES - 1) for shade in shades))
        made = QPixmap(QSize(SPRITE, SPRITE) * self.ratio)
        made.setDevicePixelRatio(self.ratio)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(
            QPen(self._outline, OUTLINE if radius > THIN else OUTLINE / 3) if state == SELECTED else Qt.PenStyle.NoPen
        )
        painter.setOpacity(DIMMED if state == UNSELECTED else 1)
        painter.setBrush(colour)
        painter.drawEllipse(QPointF(SPRITE / 2, SPRITE / 2), radius, radius)
        painter.end()
        return made


def point_keys(places: Places, colours: ChartColours, rim: bool) -> npt.NDArray[np.int64]:
    """What each point (n,) looks like, as one number: whether it is selected, then large before small, then colour.

    Parameters
    ----------
    places
        In the unit disk if there is a `rim`, towards which points get smaller.
    """
    scale = 1 - (1 - RIM_SHARE) * np.minimum(np.abs(places), 1) ** 2 if rim else 1.0
    bucket = len(RADII) - 1 - np.abs(np.subtract.outer(colours.radii * scale, RADII)).argmin(axis=1)
    shade = np.round(colours.rgb * (SHADES - 1)).astype(np.int64) @ (SHADES**2, SHADES, 1)
    state = PLAIN if colours.selected is None else np.where(colours.selected, SELECTED, UNSELECTED)
    return np.asarray((state * len(RADII) + bucket) * SHADES**3 + shade)


def draw_points(
    painter: QPainter, pixels: Places, places: Places, colours: ChartColours, rim: bool, sprites: Sprites
) -> None:
    """Draw points, the large ones first, and what is selected on top with an outline.

    Parameters
    ----------
    pixels, places
        Where they stand (n,) in the widget, and as in `point_keys`.
    """
    keys = point_keys(places, colours, rim)
    corners = np.round(pixels - (1 + 1j) * SPRITE / 2)
    order = np.argsort(keys, kind="stable")
    order = order[last_of_each(corners[order], keys[order] // SHADES**3)]
    x, y = (part.astype(np.int64).tolist() for part in (corners[order].real, corners[order].imag))
    for left, top, key in zip(x, y, keys[order].tolist(), strict=True):
        painter.drawPixmap(left, top, sprites.of(key))


def last_of_each(corners: Places, sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Points (m,), ascending, that are seen: of those of one size at one pixel, whole numbers x + iy, the last."""
    table = np.stack([corners.real, corners.imag, sizes], axis=1)[::-1].astype(np.int64)
    _, first = np.unique(table @ (1 << 40, 1 << 20, 1), return_index=True)
    return np.sort(len(sizes) - 1 - first)


def draw_edges(painter: QPainter, pixels: Places, text: QColor) -> None:
    """Draw polylines (m, count)."""
    colour = QColor(text)
    colour.setAlphaF(0.5)
    painter.setPen(QPen(colour, EDGE_WIDTH))
    for line in pixels:
        painter.drawPolyline(
            QPolygonF([QPointF(x, y) for x, y in zip(line.real.tolist(), line.imag.tolist(), strict=True)])
        )


def _points(pixels: Places) -> list[QPointF]:
    return [QPointF(x, y) for x, y in zip(pixels.real.tolist(), pixels.imag.tolist(), strict=True)]
