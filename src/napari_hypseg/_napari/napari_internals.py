"""Where this plugin reaches into napari's private parts: proxies, selection, OpenGL context, colour textures.

Whatever is not as expected here is done the public way, or not at all, and noted in the log.

*OpenGL context.* When a layer goes, napari (0.9 and 0.10) lets vispy delete its shader programs at once, in whatever
context happens to be current. That is often the one in which Qt composes the window. It shares its objects with the
canvas's context, so the programs are really deleted, but behind the back of the context that drew with them last: the
next draw reads freed memory. A layer whose bounding box was drawn, such as the outline of a box, meets this every time.

*Colour texture.* A slider step writes new colours into the texture that is already on the GPU (0.9: canvas → visual of
the layer → texture of its shader). A new colormap, the public way, builds 65 536 rows, a shader and a texture anew for
every step and makes the layer upload its voxels again.
"""

import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from napari.components import ViewerModel
from napari.layers import Layer

logger = logging.getLogger(__name__)


def unwrapped(thing: Any) -> Any:
    """The viewer or layer behind a proxy, or `thing` if it is none."""
    return getattr(thing, "__wrapped__", thing)


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


@dataclass(frozen=True)
class MakeContextCurrent:
    """Makes the OpenGL context of a napari canvas current; equal for equal canvases, so that it is connected once."""

    canvas: Any

    def __call__(self, event: Any = None) -> None:
        """Called by napari before it removes a layer, and its canvas deletes what it drew the layer with."""
        try:
            self.canvas._scene_canvas.set_current()
        except (AttributeError, RuntimeError):
            logger.debug("napari's canvas is not where it was", exc_info=True)


def guard_layer_removal(viewer: Any) -> None:
    """Let layers of `viewer` be removed safely, whoever removes them; does nothing where there is no window."""
    viewer = unwrapped(viewer)
    try:
        make_current = MakeContextCurrent(viewer.window._qt_viewer.canvas)
    except (AttributeError, RuntimeError):
        logger.debug("napari's canvas is not where it was", exc_info=True)
        return
    viewer.layers.events.removing.connect(make_current)  # napari's own canvas always hears `removed` first


def undone_strokes(layer: Any) -> int:
    """How many strokes on a labels layer can be done again: napari tells of strokes, and not of undoing them."""
    return len(getattr(unwrapped(layer), "_redo_history", ()))


def write_texture(viewer: Any, layer: Any, rows: npt.NDArray[np.float32]) -> bool:
    """Show a labels layer in new colours; no voxel is touched.

    Parameters
    ----------
    viewer
        napari viewer that shows the layer.
    layer
        Labels layer of uint8 or uint16 data whose `CyclicLabelColormap` has as many colours as `rows`.
    rows
        float32 (K+1, 4): RGBA in [0, 1] of each label value.

    Returns
    -------
    bool
        False if this napari keeps its texture elsewhere; nothing is changed then.
    """
    try:
        node = unwrapped(viewer).window._qt_viewer.canvas.layer_to_visual[unwrapped(layer)].node
        texture = node.shared_program["texture2D_values"]
        height, width, depth = texture.shape
        if depth != 4 or height * width < len(rows):
            return False
        texture.set_data(_tile(rows, width), offset=(0, 0))
        node.update()
    except (AttributeError, KeyError, TypeError, ValueError, RuntimeError):
        logger.debug("napari's label texture is not where it was", exc_info=True)
        return False
    return True


def _tile(rows: npt.NDArray[np.float32], width: int) -> npt.NDArray[np.float32]:
    """`rows` as whole lines of the texture, (lines, width, 4): label v stands at (v // width, v % width)."""
    lines = -(-len(rows) // width)
    tile = np.zeros((lines * width, 4), dtype=np.float32)
    tile[: len(rows)] = rows
    return tile.reshape(lines, width, 4)
