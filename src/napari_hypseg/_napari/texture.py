"""The fast path of a slider step: new colours into the colour texture that is already on the GPU.

This is the one place that reaches into napari's private parts (0.9: canvas → visual of the layer → texture of its
shader). A new colormap, the public way, builds 65 536 rows, a shader and a texture anew for every step and makes the
layer upload its voxels again. Whatever is not as expected here makes the caller take the public way.
"""

import logging
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg._napari.proxy import unwrapped

logger = logging.getLogger(__name__)


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
