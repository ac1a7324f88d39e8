"""Puts the charts of the tree below the picture when they are asked for: the panel beside it is too narrow for them."""

from typing import Any

from qtpy.QtCore import QObject, Qt, QTimer, Signal
from qtpy.QtWidgets import QDockWidget, QMainWindow, QWidget

from napari_hypseg._qt.controllers.structures import StructureController
from napari_hypseg._qt.controllers.thumbnails import Thumbnails
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.panels.tree_charts import TreeCharts

NAME = "Hypseg tree"
HEIGHT, SHARE = 280, 1 / 3
"""Pixels, at least, and share of the height of the window."""


class ChartDock(QObject):
    """Makes the charts when they are first shown.

    Signals
    -------
    regions_requested
        With the number of regions that a person wants to see.
    """

    regions_requested = Signal(int)

    def __init__(
        self, window: Any, model: WindowModel, structures: StructureController, thumbnails: Thumbnails, theme: str,
        parent: QWidget,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._window, self._model, self._structures, self._theme = window, model, structures, theme
        self._thumbnails = thumbnails
        self._parent = parent
        self.charts: TreeCharts | None = None

    @property
    def is_open(self) -> bool:
        """Whether the charts are in the window."""
        return self.charts is not None and self.charts.parent() is not None

    def toggle(self) -> None:
        """Show the charts, or hide them."""
        if self.is_open:
            self.close()
        else:
            self.open()

    def open(self) -> None:
        """Show the charts below the picture; the panels beside it keep their height."""
        if self.charts is None:
            self.charts = TreeCharts(self._model, self._structures, self._thumbnails, self._theme)
            self.charts.regions_requested.connect(self.regions_requested)
            self._parent.destroyed.connect(self.charts.deleteLater)
        if self.is_open:
            return
        main = self._parent.window()
        dock = self._window.add_dock_widget(self.charts, name=NAME, area="bottom")
        if isinstance(main, QMainWindow):
            main.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
            main.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
            main.resizeDocks([dock], [max(HEIGHT, round(SHARE * main.height()))], Qt.Orientation.Vertical)

    def share_place(self, other: QDockWidget) -> None:
        """Let another dock have the place of the charts, one behind the other, where they are shown."""
        main, own = self._parent.window(), self.charts.parent() if self.charts is not None else None
        if isinstance(main, QMainWindow) and isinstance(own, QDockWidget):
            main.tabifyDockWidget(own, other)
            QTimer.singleShot(0, other.raise_)  # once it has its tab

    def close(self) -> None:
        """Take the charts out of the window."""
        if self.is_open:
            self._window.remove_dock_widget(self.charts)

    def set_theme(self, theme: str) -> None:
        """Take the colours of napari's theme called `theme`."""
        self._theme = theme
        if self.charts is not None:
            self.charts.set_theme(theme)
