"""The profiles along the three axes, each with the range inside the box."""

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QGridLayout, QLabel, QWidget

from napari_hypseg._napari.layer_transform import AXES
from napari_hypseg._qt.jobs.tasks import Steps, StepTask
from napari_hypseg._qt.notifications import show_exception
from napari_hypseg._qt.widgets.controls import set_tooltip
from napari_hypseg._qt.widgets.slice_range import SliceRange
from napari_hypseg.volumes import Box, Index3, Vector3
from napari_hypseg.volumes.proposal import Profiles

if TYPE_CHECKING:
    from napari_hypseg._qt.widgets.profile_plot import ProfilePlot

NONE = np.zeros(0, dtype=np.float32)
HEIGHT, NUMBERS_WIDTH = 54, 104


class ProfilePlots(QWidget):
    """Three plots, one below the other, each with the ends of its range as numbers beside it.

    The numbers are there at once. The plots are made when there is first something to draw: the library that draws
    them takes longer to import than a dock to open.

    Parameters
    ----------
    theme
        Name of napari's theme.
    """

    box_changed = Signal(object)
    """A person has changed the box, by dragging or by a number; with the `Box`."""

    def __init__(self, theme: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ranges = tuple(SliceRange(axis) for axis in AXES)
        self.plots: tuple[ProfilePlot, ...] = ()
        self._theme = theme
        self._making: StepTask | None = None
        self._profiles: tuple[np.ndarray, ...] = (NONE, NONE, NONE)
        self._step: Vector3 = (1.0, 1.0, 1.0)
        self._shape: Index3 = (0, 0, 0)
        self._box = Box.whole(self._shape)
        self._lay_out()
        self.clear()

    def show_profiles(self, profiles: Profiles | None, step: Vector3, shape: Index3, box: Box) -> None:
        """Show a finding, or with None a box that somebody made without one.

        Parameters
        ----------
        profiles, step
            As in `Proposal`: certainty along z, y and x, and the voxels each value stands for.
        shape
            Grid (z, y, x) of the volume.
        box
            What is kept, inside the grid.
        """
        self._profiles, self._step, self._shape = profiles or (NONE, NONE, NONE), step, shape
        self.setEnabled(True)
        self._draw()
        self._show_box(box)
        if len(self.plots) < len(AXES) and self._making is None:
            self._making = StepTask(self._make_plots(), show_exception, self)

    def set_box(self, box: Box) -> None:
        """Show another box in the same grid; `box_changed` is for what a person does."""
        if box != self._box:
            self._show_box(box)

    def clear(self) -> None:
        """Show nothing: there is no box."""
        self._profiles, self._shape = (NONE, NONE, NONE), (0, 0, 0)
        self._draw()
        self._show_box(Box.whole(self._shape))
        self.setEnabled(False)

    def set_theme(self, theme: str) -> None:
        """Take the colours of napari's theme called `theme`."""
        self._theme = theme
        for plot in self.plots:
            plot.set_theme(theme)

    def _lay_out(self) -> None:
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        caption = QLabel("How sure a slice holds sample (0–1), by voxel")
        self._grid.addWidget(caption, 0, 0, 1, 3)
        for axis, numbers in enumerate(self.ranges):
            self._grid.addWidget(QLabel(AXES[axis]), axis + 1, 0)
            self._grid.setRowMinimumHeight(axis + 1, HEIGHT)
            numbers.setFixedWidth(NUMBERS_WIDTH)
            numbers.edited.connect(lambda start, stop, axis=axis: self._change(axis, start, stop))
            self._grid.addWidget(numbers, axis + 1, 2)

    def _make_plots(self) -> Steps:
        """The library first, then a plot a turn: together they take half a second."""
        yield None
        from napari_hypseg._qt.widgets.profile_plot import ProfilePlot

        for axis, name in enumerate(AXES):
            yield None
            plot = ProfilePlot(self._theme)
            set_tooltip(
                plot,
                f"The higher the curve, the surer the slice at this {name} holds sample. Drag the ends of the "
                "shaded range to move the two sides of the box in the picture.",
            )
            plot.moved.connect(lambda start, stop, axis=axis: self._change(axis, start, stop))
            self._grid.addWidget(plot, axis + 1, 1)
            self.plots = (*self.plots, plot)
            self._draw()
            self._show_box(self._box)

    def _draw(self) -> None:
        for plot, certainty, step, n in zip(self.plots, self._profiles, self._step, self._shape, strict=False):
            plot.show_profile(certainty, step, n)

    def _show_box(self, box: Box) -> None:
        self._box = box
        for numbers, start, stop, n in zip(self.ranges, box.start, box.stop, self._shape, strict=True):
            numbers.show_range(start, stop, n)
        for plot, start, stop in zip(self.plots, box.start, box.stop, strict=False):
            plot.set_range(start, stop)

    def _change(self, axis: int, start: int, stop: int) -> None:
        ends = [list(self._box.start), list(self._box.stop)]
        ends[0][axis], ends[1][axis] = start, stop
        (z0, y0, x0), (z1, y1, x1) = ends
        self._show_box(Box((z0, y0, x0), (z1, y1, x1)))
        self.box_changed.emit(self._box)
