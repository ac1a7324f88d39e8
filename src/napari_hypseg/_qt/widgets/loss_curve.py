"""The loss curve; its plot is made when there is something to draw."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_hypseg._qt.jobs.tasks import Steps, StepTask
from napari_hypseg._qt.notifications import show_exception

if TYPE_CHECKING:
    from napari_hypseg._qt.widgets.loss_plot import LossPlot


class LossCurve(QWidget):
    """Imports the library that draws when it is first needed, so that the dock opens sooner.

    Not on a thread: a second thread that defines classes of Qt can crash the window.
    """

    def __init__(self, theme: str) -> None:
        super().__init__()
        self.plot: LossPlot | None = None
        self._making: StepTask | None = None
        self._theme, self._axis = theme, ""
        self._points: list[tuple[float, float]] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)

    def set_theme(self, theme: str) -> None:
        """Take the colours of napari's theme called `theme`."""
        self._theme = theme
        if self.plot is not None:
            self.plot.set_theme(theme)

    def set_axis(self, axis: str) -> None:
        """Say what runs along the bottom, with its unit."""
        self._axis = axis
        if self.plot is not None:
            self.plot.set_axis(axis)

    def add(self, place: float, loss: float) -> None:
        """Draw one more value; one before the last starts a new curve."""
        if self._points and place < self._points[-1][0]:
            self._points.clear()
        self._points.append((place, loss))
        if self.plot is None:
            self.prepare()
        else:
            self.plot.add(place, loss)

    def show_points(self, points: Sequence[tuple[float, float]]) -> None:
        """Draw a whole curve."""
        self._points = list(points)
        if self.plot is not None:
            self.plot.show_points(self._points)
        elif points:
            self.prepare()

    def prepare(self) -> None:
        """Have the plot made, with what is known by then: its library in one turn, the plot in another."""
        if self._making is None:
            self._making = StepTask(self._make(), show_exception, self)

    def _make(self) -> Steps:
        yield None
        from napari_hypseg._qt.widgets.loss_plot import LossPlot

        yield None
        self.plot = LossPlot(self._theme)
        self.plot.set_axis(self._axis)
        self.plot.show_points(self._points)
        layout = self.layout()
        if layout is not None:
            layout.addWidget(self.plot)
