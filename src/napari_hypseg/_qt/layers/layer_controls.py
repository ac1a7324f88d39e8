"""napari's own controls for our layers: what means nothing for them is switched off and says why."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from napari.components import ViewerModel
from napari.layers import Layer
from qtpy.QtWidgets import QWidget

from napari_hypseg._napari.box_outline import BoxOutline
from napari_hypseg._napari.leaf_labels import COLOURS_ARE_KEPT, LeafLabels, follows_slider

logger = logging.getLogger(__name__)

NOT_PAINTED = (
    "Kept levels are not painted on: they are made of leaves that all levels share. "
    "Duplicate the layer (right click › Duplicate) to paint on a copy."
)
NO_TOOL = "Regions are corrected with the brush and the eraser, voxel by voxel, in the structure chosen in the list."
NOT_POINTS = "The box is changed by dragging its sides and corners; with Shift the whole box moves."


@dataclass(frozen=True)
class Lock:
    """Controls, by their place in napari's widget, that are off for one kind of layer."""

    reasons: Mapping[str, str]
    kept: Sequence[str] = ()
    """Buttons that stay on though the layer is not editable."""


BRUSH = (
    "paint_button", "erase_button", "_brush_size_slider_control.brush_size_slider",
    "_ndim_spinbox_control.ndim_spinbox",
)  # fmt: skip
OTHER_TOOLS = (
    "fill_button", "polygon_button", "transform_button", "_label_control.new_label_button",
    "_contiguous_checkbox_control.contiguous_checkbox", "_preserve_labels_checkbox_control.preserve_labels_checkbox",
)  # fmt: skip
POINTS = (
    "addition_button", "select_button", "delete_button", "transform_button", "_symbol_combobox_control.symbol_combobox",
    "_text_visibility_control.text_disp_checkbox", "_projection_mode_control.projection_combobox",
)  # fmt: skip
SLIDER_LOCK = Lock(
    {**dict.fromkeys(OTHER_TOOLS, NO_TOOL), "colormap_update": COLOURS_ARE_KEPT},
    kept=("pick_button", "paint_button", "erase_button"),
)
LEVEL_LOCK = Lock(
    {**dict.fromkeys((*BRUSH, *OTHER_TOOLS), NOT_PAINTED), "colormap_update": COLOURS_ARE_KEPT}, kept=("pick_button",)
)
BOX_LOCK = Lock(dict.fromkeys(POINTS, NOT_POINTS))


def lock_for(layer: Layer) -> Lock | None:
    """What is off for a layer, None if it is none of ours."""
    if isinstance(layer, LeafLabels):
        return SLIDER_LOCK if follows_slider(layer) else LEVEL_LOCK
    return BOX_LOCK if isinstance(layer, BoxOutline) else None


class LayerControls:
    """Follows the layers of a viewer and locks the controls of those that are ours."""

    def __init__(self, viewer: ViewerModel) -> None:
        self._viewer = viewer
        viewer.layers.events.inserted.connect(self._on_inserted)  # napari's own widget is made before
        for layer in viewer.layers:
            self._lock(layer)

    def _on_inserted(self, event: Any) -> None:
        self._lock(event.value)

    def _lock(self, layer: Layer) -> None:
        lock = lock_for(layer)
        if lock is None:
            return
        try:
            controls = self._viewer.window._qt_viewer.controls.widgets[layer]
        except (AttributeError, KeyError, RuntimeError):
            logger.debug("napari's layer controls are not where they were", exc_info=True)
            return
        for place, reason in lock.reasons.items():
            _switch_off(controls, place, reason)
        for name in lock.kept:
            _keep_on(controls, name, layer)


def _switch_off(controls: Any, place: str, reason: str) -> None:
    try:
        control = attrgetter(place)(controls)
    except AttributeError:
        logger.debug("napari has no control %s", place)
        return
    control.setEnabled(False)
    control.setToolTip(f"<p>{reason}</p>")


def _keep_on(controls: Any, name: str, layer: Layer) -> None:
    """Take a button out of those that napari switches off with painting; it still goes with the layer's visibility."""
    button: QWidget | None = getattr(controls, name, None)
    others = tuple(other for other in getattr(controls, "_EDIT_BUTTONS", ()) if other is not button)
    if button is None or not others:
        logger.debug("napari has no button %s", name)
        return
    controls._EDIT_BUTTONS = others
    if (pale := button.graphicsEffect()) is not None:
        pale.setEnabled(False)
    button.setEnabled(layer.visible)
    layer.events.visible.connect(lambda: button.setEnabled(layer.visible))
