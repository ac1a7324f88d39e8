"""Layers added a piece a turn: napari takes a tenth of a second to add one, and as long again to draw and select it."""

from collections.abc import Iterable
from typing import Any

from napari.components import ViewerModel
from napari.layers import Layer

from napari_hypseg._napari.napari_internals import add_unselected
from napari_hypseg._qt.jobs.tasks import Steps

AXES = 3


def add_layers(viewer: ViewerModel, layers: Iterable[Any]) -> Steps:
    """Add `layers`, each a layer or what napari's readers give for one, and select the last as napari does.

    A layer comes hidden and is drawn in a turn of its own; in an empty viewer the sliders come first.
    """
    if not viewer.layers:
        viewer.dims.ndim = AXES
        yield None
    layer = None
    for given in layers:
        layer = given if isinstance(given, Layer) else Layer.create(*given)
        visible, layer.visible = layer.visible, False
        yield None
        add_unselected(viewer, layer)
        yield None
        if visible and layer in viewer.layers:
            layer.visible = True
            yield None
    if layer is not None and layer in viewer.layers:
        viewer.layers.selection.active = layer
        yield None
