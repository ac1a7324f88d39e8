"""The profile along one axis: the certainty that each slice holds sample, and the range inside the box."""

from itertools import count

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from napari.utils.theme import get_theme
from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QColor, QFont
from qtpy.QtWidgets import QWidget

from napari_hypseg._napari.box_outline import ORANGE

HEIGHT, AXIS_HEIGHT, AXIS_WIDTH = 54, 13, 12
FONT_PIXELS = 9
TOP = 1.15
"""Upper end of the certainties in view: leaves room for the 1 beside the axis."""
TICKS = 5
FILL, SHADE = 110, 60
END, END_HOVERED = 3, 5
"""Widths in pixels; a hovered end is also this wide to the mouse."""


class ProfilePlot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph ships no types
    """One profile over voxels of the full grid."""

    moved = Signal(int, int)
    """A person has dragged an end: first voxel kept, and first one behind them that is not."""

    def __init__(self, theme: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._range, self._n = (0, 1), 1
        self.setFixedHeight(HEIGHT)
        self.setMinimumWidth(120)
        self.setMouseEnabled(x=False, y=False)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setYRange(0, TOP, padding=0)
        self._curve = self.plot([0, 1], [0], stepMode="center", fillLevel=0)
        self._make_region()
        self._make_axes()
        self.set_theme(theme)

    def set_theme(self, theme: str) -> None:
        """Take the colours of napari's theme called `theme`."""
        colours = get_theme(theme)
        text, fill, shade = QColor(colours.text.as_hex()), QColor(colours.text.as_hex()), QColor(ORANGE)
        fill.setAlpha(FILL)
        shade.setAlpha(SHADE)
        self.setBackground(QColor(colours.background.as_hex()))
        for side in ("left", "bottom"):
            self.getAxis(side).setPen(text)
            self.getAxis(side).setTextPen(text)
        self._curve.setPen(pg.mkPen(text, width=1))
        self._curve.setBrush(fill)
        self._region.setBrush(shade)
        self._region.setHoverBrush(shade)
        for end in self._region.lines:
            end.setPen(pg.mkPen(ORANGE, width=END))
            end.setHoverPen(pg.mkPen(text, width=END_HOVERED))

    def show_profile(self, certainty: npt.NDArray[np.float32], step: float, n: int) -> None:
        """Draw a profile.

        Parameters
        ----------
        certainty
            In [0, 1], for each slab of the axis; empty if none is known.
        step
            Voxels a slab is thick; the last one may reach beyond the grid.
        n
            Voxels along the axis; 0 leaves the plot blank.
        """
        self._n = n
        edges = np.minimum(np.arange(len(certainty) + 1) * step, n) - 0.5
        self._curve.setData(edges, certainty)
        self._curve.setVisible(len(certainty) > 0)
        self.setXRange(-0.5, max(n, 1) - 0.5, padding=0.01)
        self.getAxis("bottom").setTicks([[(voxel, str(voxel)) for voxel in round_numbers(n)]])
        self._region.setVisible(n > 0)
        self._region.blockSignals(True)
        self._region.setBounds((-0.5, max(n, 1) - 0.5))
        self._region.blockSignals(False)

    def set_range(self, start: int, stop: int) -> None:
        """Shade the voxels ``[start, stop)``; nothing is told."""
        if (start, stop) != self._range:
            self._range = (start, stop)
            self._snap()

    def _make_region(self) -> None:
        self._region = pg.LinearRegionItem((-0.5, 0.5), movable=False, swapMode="block")
        for end in self._region.lines:  # only they, so that a press between them moves nothing
            end.setMovable(True)
            end.setCursor(Qt.CursorShape.SizeHorCursor)
        self.addItem(self._region)
        self._region.sigRegionChanged.connect(self._on_region)
        self._region.sigRegionChangeFinished.connect(self._snap)

    def _make_axes(self) -> None:
        small = QFont()
        small.setPixelSize(FONT_PIXELS)
        for side in ("left", "bottom"):
            self.getAxis(side).setStyle(tickFont=small, tickLength=-3, tickTextOffset=2, autoExpandTextSpace=False)
            self.getAxis(side).enableAutoSIPrefix(False)
        self.getAxis("bottom").setHeight(AXIS_HEIGHT)
        self.getAxis("left").setWidth(AXIS_WIDTH)
        self.getAxis("left").setTicks([[(0, "0"), (1, "1")]])

    def _on_region(self) -> None:
        low, high = self._region.getRegion()
        before, (start, stop) = self._range, (round(low + 0.5), round(high + 0.5))
        if start >= stop:  # the end in hand gives way
            start, stop = (stop - 1, stop) if stop == before[1] else (start, start + 1)
        self._range = (max(0, start), min(stop, self._n))
        if self._range != before:
            self.moved.emit(*self._range)

    def _snap(self) -> None:
        """Put the ends between voxels."""
        start, stop = self._range
        self._region.blockSignals(True)
        self._region.setRegion((start - 0.5, stop - 0.5))
        self._region.blockSignals(False)


def round_numbers(n: int) -> range:
    """At most `TICKS` voxels among the first `n`, at steps of 1, 2 or 5 times a power of ten."""
    steps = (factor * 10**power for power in count() for factor in (1, 2, 5))
    return range(0, n, next(step for step in steps if n <= TICKS * step))
