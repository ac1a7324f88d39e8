"""The plot of the loss, in the colours of napari's theme."""

from collections.abc import Sequence

import pyqtgraph as pg
from napari.utils.theme import get_theme
from qtpy.QtCore import QSize, Qt
from qtpy.QtGui import QColor
from qtpy.QtWidgets import QWidget

HEIGHT = 130
SMOOTHING = 0.9
FAINT = 90
ROOM_ABOVE = 8
"""Pixels for the upper half of the number at the upper end."""


class LossPlot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph ships no types
    """Loss over time or steps: each value faint, their running mean clear."""

    def __init__(self, theme: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumHeight(HEIGHT)
        self.setMouseEnabled(x=False, y=False)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.getPlotItem().setContentsMargins(0, ROOM_ABOVE, 0, 0)
        self._x: list[float] = []
        self._y: list[float] = []
        self._smooth: list[float] = []
        self._values = self.plot([], [])
        self._mean = self.plot([], [])
        self.set_theme(theme)
        self.clear_curve()

    def sizeHint(self) -> QSize:
        """As low as it may be; it grows where there is room."""
        return QSize(super().sizeHint().width(), HEIGHT)

    def set_theme(self, theme: str) -> None:
        """Take the colours of napari's theme called `theme`."""
        colours = get_theme(theme)
        text = QColor(colours.text.as_hex())
        faint = QColor(text)
        faint.setAlpha(FAINT)
        self.setBackground(QColor(colours.background.as_hex()))
        for side in ("left", "bottom"):
            self.getAxis(side).setPen(text)
            self.getAxis(side).setTextPen(text)
        self._values.setPen(pg.mkPen(faint, width=1))
        self._mean.setPen(pg.mkPen(text, width=2))

    def set_axis(self, what: str) -> None:
        """Say what runs along the bottom, with its unit."""
        self.setLabel("bottom", what)
        self.setLabel("left", "loss")
        for side in ("left", "bottom"):
            self.getAxis(side).enableAutoSIPrefix(False)

    def clear_curve(self) -> None:
        """Start an empty curve."""
        self.show_points([])

    def show_points(self, points: Sequence[tuple[float, float]]) -> None:
        """Draw a whole curve from pairs of place and loss."""
        self._x, self._y, self._smooth = [], [], []
        for place, loss in points:
            self._append(place, loss)
        self._draw()

    def values(self) -> list[float]:
        """The losses drawn so far."""
        return list(self._y)

    def add(self, x: float, loss: float) -> None:
        """Draw one more value; one before the last starts a new curve."""
        if self._x and x < self._x[-1]:
            self.clear_curve()
        self._append(x, loss)
        self._draw()

    def _append(self, x: float, loss: float) -> None:
        before = self._smooth[-1] if self._smooth else loss
        self._x.append(x)
        self._y.append(loss)
        self._smooth.append(SMOOTHING * before + (1 - SMOOTHING) * loss)

    def _draw(self) -> None:
        self._values.setData(self._x, self._y)
        self._mean.setData(self._x, self._smooth)
