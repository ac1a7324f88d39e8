"""Drawing a layer on one side of a line across the window only, in 2D and 3D alike, without touching a voxel.

The fragments on the other side are thrown away on the GPU, so that moving the line costs a redraw. napari's own
clipping planes lie in the volume and do nothing in 2D. Where this napari draws otherwise, nothing is clipped.
"""

import logging
from dataclasses import dataclass
from enum import Enum
from typing import Any
from weakref import WeakKeyDictionary

from vispy.visuals.filters.base_filter import Filter
from vispy.visuals.shaders import Function

from napari_hypseg._napari.napari_internals import unwrapped

logger = logging.getLogger(__name__)

FRAGMENT = """
void clip() {
    float along = $upright > 0.5 ? gl_FragCoord.x : gl_FragCoord.y;
    if ($side * (along - $place) < 0.0) discard;
}
"""


class Side(Enum):
    """On which side of the line a layer is drawn; before is left, or above."""

    BEFORE = "before"
    BEHIND = "behind"


@dataclass(frozen=True)
class ScreenLine:
    """A line across the canvas.

    Parameters
    ----------
    fraction
        Where it is, from 0 at the left or the top to 1.
    upright
        Whether it runs from top to bottom, else from left to right.
    """

    fraction: float = 0.5
    upright: bool = True


class ScreenFilter(Filter):  # type: ignore[misc]  # vispy ships no types
    """Throws away what is drawn on one side of a line, given in pixels of the frame from its lower left corner."""

    def __init__(self) -> None:
        super().__init__(fcode=Function(FRAGMENT), fhook="pre", fpos=1)

    def place(self, upright: bool, side: float, place: float) -> None:
        """Keep what is right of or above the line for `side` 1, else what is left of or below it for −1."""
        for name, value in (("upright", float(upright)), ("side", side), ("place", place)):
            self.fshader[name] = value


class ScreenClips:
    """The layers of a viewer that are drawn on one side of a line."""

    def __init__(self, viewer: Any) -> None:
        self._viewer = unwrapped(viewer)
        self._filters: WeakKeyDictionary[Any, ScreenFilter] = WeakKeyDictionary()

    def clip(self, layer: Any, line: ScreenLine, side: Side) -> bool:
        """Draw `layer` on one side of `line`; to be called again when 2D becomes 3D. False if that cannot be done."""
        try:
            canvas = self._viewer.window._qt_viewer.canvas
            node = canvas.layer_to_visual[unwrapped(layer)].node
            width, height = canvas._scene_canvas.physical_size
            made = self._filters.get(node)
            if made is None:
                made = ScreenFilter()
                made.place(True, 1, -1)  # what it needs to be compiled
                node.attach(made)
                self._filters[node] = made
            behind = side is Side.BEHIND
            if line.upright:
                made.place(True, 1 if behind else -1, line.fraction * width)
            else:
                made.place(False, -1 if behind else 1, (1 - line.fraction) * height)
            node.update()
        except (AttributeError, KeyError, TypeError, ValueError, RuntimeError):
            logger.debug("napari's layers are not drawn as they were", exc_info=True)
            return False
        return True

    def clear(self) -> None:
        """Draw every layer as a whole again."""
        for node, made in list(self._filters.items()):
            try:
                node.detach(made)
                node.update()
            except (AttributeError, ValueError, RuntimeError):
                logger.debug("a layer has gone", exc_info=True)
        self._filters.clear()


def canvas_widget(viewer: Any) -> Any:
    """The widget of Qt that napari draws into, None if it is elsewhere."""
    try:
        return unwrapped(viewer).window._qt_viewer.canvas.native
    except (AttributeError, RuntimeError):
        logger.debug("napari's canvas is not where it was", exc_info=True)
        return None
