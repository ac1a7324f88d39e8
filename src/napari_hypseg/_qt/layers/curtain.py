"""A curtain across the picture: some layers are seen on one side of a line, others on the other."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from napari.components import ViewerModel
from napari.layers import Layer
from qtpy.compat import isalive
from qtpy.QtCore import QObject, Signal

from napari_hypseg._napari.screen_clip import ScreenClips, ScreenLine, Side, canvas_widget
from napari_hypseg._qt.layers.curtain_handle import CurtainHandle
from napari_hypseg._qt.layers.layer_events import single_shot

REDRAWN = frozenset({"inserted", "visible", "data"})
"""Events after which napari may draw a layer by other means."""


class Curtain(QObject):
    """Draws while it is open.

    Parameters
    ----------
    before, behind
        Give the layers of the two sides as they are now.

    Signals
    -------
    moved
        The line was dragged.
    """

    moved = Signal()

    def __init__(
        self, viewer: ViewerModel, before: Callable[[], Sequence[Layer]], behind: Callable[[], Sequence[Layer]],
        parent: QObject,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._viewer, self._before, self._behind = viewer, before, behind
        self._clips = ScreenClips(viewer)
        self._handle: CurtainHandle | None = None
        self._captions = ("", "")
        self.line = ScreenLine()
        self._soon = single_shot(self, self._draw)  # once napari has made what it draws with

    @property
    def is_open(self) -> bool:
        """Whether it is seen."""
        return self._handle is not None

    def open(self, before: str, behind: str) -> None:
        """Show the curtain, or other words on its sides."""
        self._captions = (before, behind)
        if self._handle is not None:
            self._show_line(self._handle)
            return
        canvas = canvas_widget(self._viewer)
        if canvas is None:
            return
        self._handle = CurtainHandle(canvas)
        self._handle.dragged.connect(self._drag)
        self._handle.resized.connect(self._draw)
        self._viewer.dims.events.ndisplay.connect(self._on_change)
        self._viewer.canvas.grid.events.enabled.connect(self._on_change)
        self._viewer.layers.events.connect(self._on_layers)
        self._draw()

    def close(self) -> None:
        """Show all layers whole again."""
        handle, self._handle = self._handle, None
        if handle is None:
            return
        self._viewer.dims.events.ndisplay.disconnect(self._on_change)
        self._viewer.canvas.grid.events.enabled.disconnect(self._on_change)
        self._viewer.layers.events.disconnect(self._on_layers)
        self._soon.stop()
        self._clips.clear()
        if isalive(handle):  # type: ignore[no-untyped-call]
            handle.remove()

    def place(self, line: ScreenLine) -> None:
        """Move the line."""
        self.line = line
        self._draw()

    def _drag(self, fraction: float) -> None:
        self.place(replace(self.line, fraction=fraction))
        self.moved.emit()

    def _on_change(self, event: Any = None) -> None:
        self._soon.start()

    def _on_layers(self, event: Any) -> None:
        if event.type in REDRAWN:
            self._soon.start()

    @property
    def _in_grid(self) -> bool:
        """Whether napari shows each layer beside the others; both sides are seen whole then."""
        return bool(self._viewer.canvas.grid.enabled)

    def _show_line(self, handle: CurtainHandle) -> None:
        if self._in_grid:
            handle.conceal()
        else:
            handle.show_line(self.line, *self._captions)

    def _draw(self) -> None:
        if self._handle is None or not isalive(self._handle):  # type: ignore[no-untyped-call]
            return
        self._show_line(self._handle)
        if self._in_grid:
            self._clips.clear()
            return
        for side, layers in ((Side.BEFORE, self._before()), (Side.BEHIND, self._behind())):
            for layer in layers:
                self._clips.clip(layer, self.line, side)
