"""Adding a layer without making it the selected one."""

from napari.components import ViewerModel
from napari.layers import Layer

from napari_hypseg._napari.proxy import unwrapped


def add_unselected(viewer: ViewerModel, layer: Layer) -> None:
    """Add `layer` and leave the selection as it is.

    To select the new layer and then the old one again would lay out napari's window and draw the canvas twice.
    """
    viewer = unwrapped(viewer)
    layers = viewer.layers
    if not hasattr(layers, "_activate_on_insert"):
        selected = layers.selection.active
        viewer.add_layer(layer)
        layers.selection.active = selected
        return
    before = layers._activate_on_insert
    layers._activate_on_insert = False
    try:
        viewer.add_layer(layer)
    finally:
        layers._activate_on_insert = before
