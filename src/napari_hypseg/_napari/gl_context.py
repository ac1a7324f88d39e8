"""Removing layers with the canvas's own OpenGL context current, without which napari can crash at the next redraw.

When a layer goes, napari (0.9 and 0.10) lets vispy delete its shader programs at once, in whatever context happens to
be current. That is often the one in which Qt composes the window. It shares its objects with the canvas's context, so
the programs are really deleted, but behind the back of the context that drew with them last: the next draw reads freed
memory. A layer whose bounding box was drawn, such as the outline of a box, meets this every time.
"""

import logging
from dataclasses import dataclass
from typing import Any

from napari_hypseg._napari.proxy import unwrapped

logger = logging.getLogger(__name__)


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
