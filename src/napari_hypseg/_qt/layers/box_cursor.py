"""Mouse cursors for dragging the sides of a box, which napari does not have."""

import logging
from typing import Any

from qtpy.QtCore import Qt

from napari_hypseg._napari.box_drag import Grip
from napari_hypseg._napari.box_layer import BoxLayer

Shape = Qt.CursorShape
logger = logging.getLogger(__name__)


def show_arrows(viewer: Any, box: BoxLayer) -> None:
    """Put arrows on the sides and corners of `box`, for as long as it is there."""

    def show(grip: Grip) -> None:
        if not grip:
            return  # the box has set napari's own cursor by now
        try:
            viewer.window._qt_viewer.canvas.cursor = arrow(grip, viewer)
        except (AttributeError, RuntimeError):
            logger.debug("napari's canvas is not where it was", exc_info=True)

    box.hovered.connect(show)


def arrow(grip: Grip, viewer: Any) -> Shape:
    """The cursor for sides of a box, in the orientation of the picture."""
    if len(grip) > 2:
        return Shape.SizeAllCursor
    if len(grip) == 1:
        ((axis, _),) = grip
        across = axis == viewer.dims.displayed[-1] - viewer.dims.ndim + 3
        return Shape.SizeHorCursor if across else Shape.SizeVerCursor
    falling = len({end for _, end in grip}) == 1
    if viewer.scene.camera.orientation2d in {("up", "right"), ("down", "left")}:
        falling = not falling
    return Shape.SizeFDiagCursor if falling else Shape.SizeBDiagCursor
