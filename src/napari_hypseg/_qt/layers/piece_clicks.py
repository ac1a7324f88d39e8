"""Clicks on pieces in the picture, while their layer is the active one and no tool of it is in hand."""

from collections.abc import Generator
from typing import Any

from napari.components import ViewerModel
from napari.layers import Labels
from napari.layers.labels._labels_constants import Mode
from qtpy.QtCore import QObject, Signal

from napari_hypseg._napari.metadata_keys import MEASURED
from napari_hypseg._qt.layers.still_click import still_click


class PieceClicks(QObject):
    """Listens to the canvas; a drag still moves the picture.

    Signals
    -------
    clicked
        With the layer and the id of a piece, in 3D the first along the line of sight; 0 beside all pieces.
    """

    clicked = Signal(object, int)

    def __init__(self, viewer: ViewerModel, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer: ViewerModel | None = viewer
        viewer.mouse_drag_callbacks.append(self._on_press)

    def disconnect_viewer(self) -> None:
        """Let the viewer go."""
        viewer, self._viewer = self._viewer, None
        if viewer is not None:
            viewer.mouse_drag_callbacks.remove(self._on_press)

    def _on_press(self, viewer: Any, event: Any) -> Generator[None, None, None]:
        layer = self._active()
        if event.button != 1 or event.modifiers or layer is None:
            return
        if (yield from still_click(event)) and layer is self._active():
            value = layer.get_value(
                event.position, view_direction=event.view_direction, dims_displayed=event.dims_displayed, world=True
            )
            self.clicked.emit(layer, int(value or 0))

    def _active(self) -> Any:
        layer: Any = None if self._viewer is None else self._viewer.layers.selection.active
        pieces = isinstance(layer, Labels) and MEASURED in layer.metadata
        return layer if pieces and layer.visible and layer.mode == Mode.PAN_ZOOM else None
