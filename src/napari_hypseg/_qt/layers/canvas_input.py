"""Clicks, wheel and keys on the regions in the canvas, as signals; napari's own ways to move about go on working.

A click is a press and a release in one place: a drag still moves the picture. Shift joins and Ctrl (⌘ on a Mac)
separates, as in proofreading tools; Alt belongs to window managers. napari scrolls slices with Ctrl and the wheel and
layers with Alt, so Shift and the wheel walk the tree.
"""

from collections.abc import Generator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.layers.labels._labels_constants import Mode
from qtpy.QtCore import QObject, Signal

from napari_hypseg._napari.brush import Voxels
from napari_hypseg._napari.leaf_labels import LeafLabels, follows_slider
from napari_hypseg._napari.metadata_keys import SPECIMEN
from napari_hypseg._qt.layers.still_click import still_click


class Joins(Enum):
    """What a click does with what is selected already."""

    REPLACES = "replaces"
    ADDS = "adds"
    TAKES = "takes away"


@dataclass(frozen=True)
class Click:
    """A click on a layer of regions.

    Parameters
    ----------
    layer
        The layer.
    specimen
        Number of the specimen it shows.
    voxel
        Voxel index (z, y, x), None in 3D, where only what is seen is known.
    shown
        Value of the layer there: a leaf id, or what a `ShownArray` says.
    joins
        By the keys that were held.
    """

    layer: LeafLabels
    specimen: int
    voxel: tuple[int, int, int] | None
    shown: int
    joins: Joins


class CanvasInput(QObject):
    """Listens to the canvas while a layer the slider moves is the active one.

    Signals
    -------
    clicked
        With a `Click`.
    walked
        With +1 to go up to the parent, −1 to go down.
    pressed
        With the name of a key, see `KEYS`.
    pointed
        With the name of a key of `POINTING`, and a `Click` at the place under the mouse.
    ready_changed
        Another layer is the active one: the canvas is listened to, or not any more.
    stroked
        With specimen, voxels (n, 3) of a stroke of the brush so far, whether it erases, and whether it is over.
    """

    KEYS = ("Enter", "Escape", "O", "C", "D", "Control-Z", "Control-Shift-Z", "Delete")
    POINTING = ("F", "G", "A", "B")
    clicked = Signal(object)
    walked = Signal(int)
    pressed = Signal(str)
    pointed = Signal(str, object)
    ready_changed = Signal()
    stroked = Signal(int, object, bool, bool)

    def __init__(self, viewer: ViewerModel, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer: ViewerModel | None = viewer
        viewer.mouse_drag_callbacks.append(self._on_press)
        viewer.mouse_wheel_callbacks.append(self._on_wheel)
        viewer.layers.events.inserted.connect(self._on_inserted)
        viewer.layers.selection.events.active.connect(self._on_active)
        for layer in viewer.layers:
            self._bind(layer)

    @property
    def ready(self) -> bool:
        """Whether a click in the picture would be heard."""
        return follows_slider(self._active())

    def disconnect_viewer(self) -> None:
        """Let the viewer go."""
        viewer, self._viewer = self._viewer, None
        if viewer is not None:
            viewer.mouse_drag_callbacks.remove(self._on_press)
            viewer.mouse_wheel_callbacks.remove(self._on_wheel)
            viewer.layers.events.inserted.disconnect(self._on_inserted)
            viewer.layers.selection.events.active.disconnect(self._on_active)
            for layer in viewer.layers:
                if follows_slider(layer):
                    layer.keymap.clear()
                    layer.on_stroke = None

    def _on_active(self, event: Any = None) -> None:
        self.ready_changed.emit()

    def _on_inserted(self, event: Any) -> None:
        self._bind(event.value)

    def _bind(self, layer: Any) -> None:
        """Give a layer keys of its own, which come before those napari has for all labels."""
        if not follows_slider(layer):
            return
        layer.on_stroke = self._on_stroke
        for key in self.KEYS:
            layer.bind_key(key, lambda _, key=key: self.pressed.emit(key), overwrite=True)
        for key in self.POINTING:
            layer.bind_key(key, lambda layer, key=key: self._point(key, layer), overwrite=True)
        for key, step in (("]", 1), ("[", -1)):
            layer.bind_key(key, lambda layer, step=step: self._bracket(layer, step), overwrite=True)

    def _point(self, key: str, layer: LeafLabels) -> None:
        if self._viewer is not None:
            cursor, dims = self._viewer.cursor, self._viewer.dims
            voxel = _voxel(layer, cursor.position) if dims.ndisplay == 2 else None
            self.pointed.emit(key, Click(layer, int(layer.metadata[SPECIMEN]), voxel, 0, Joins.REPLACES))

    def _bracket(self, layer: LeafLabels, step: int) -> None:
        """Walk, or with the brush in hand change its size, as people know it."""
        if layer.mode in (Mode.PAINT, Mode.ERASE):
            layer.brush_size = max(1, layer.brush_size + step)
        else:
            self.walked.emit(step)

    def _on_stroke(self, layer: LeafLabels, voxels: Voxels, erase: bool, over: bool) -> None:
        self.stroked.emit(int(layer.metadata[SPECIMEN]), voxels, erase, over)

    def _on_wheel(self, viewer: Any, event: Any) -> None:
        steps = float(np.sum(event.delta))
        if set(event.modifiers) == {"Shift"} and _is_ready(self._active()) and steps:
            self.walked.emit(1 if steps > 0 else -1)
            event.handled = True

    def _on_press(self, viewer: Any, event: Any) -> Generator[None, None, None]:
        layer = self._active()
        if event.button != 1 or "Alt" in event.modifiers or not _is_ready(layer):
            return
        if (yield from still_click(event)) and layer is self._active():
            self.clicked.emit(_click(layer, event))

    def _active(self) -> Any:
        return None if self._viewer is None else self._viewer.layers.selection.active


def _is_ready(layer: Any) -> bool:
    return follows_slider(layer) and layer.visible and layer.mode == Mode.PAN_ZOOM


def _click(layer: LeafLabels, event: Any) -> Click:
    keys = set(event.modifiers)
    joins = Joins.ADDS if "Shift" in keys else Joins.TAKES if keys & {"Control", "Meta"} else Joins.REPLACES
    voxel = _voxel(layer, event.position) if len(event.dims_displayed) == 2 else None
    shown = layer.get_value(
        event.position, view_direction=event.view_direction, dims_displayed=event.dims_displayed, world=True
    )
    return Click(layer, int(layer.metadata[SPECIMEN]), voxel, int(shown or 0), joins)


def _voxel(layer: LeafLabels, position: Any) -> tuple[int, int, int]:
    """The voxel (z, y, x) at a place in the world, which may lie outside the grid."""
    z, y, x = (round(float(place)) for place in layer.world_to_data(position))
    return z, y, x
