"""The lines of a box as a napari layer.

The lines are the layer's bounding box, which napari draws in screen pixels: they are as wide at every zoom and along
every axis of an anisotropic grid, and they need no new geometry when the slice changes. It is a layer of points without
points, because an empty layer of shapes compiles its triangulation first, for up to several seconds.
"""

import logging
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
from napari.components.overlays import BoundingBoxOverlay
from napari.layers import Points

from napari_hypseg._napari.napari_internals import unwrapped
from napari_hypseg.volumes.box import Box

LINE, HALO = 2.0, 4.5
"""Widths in screen pixels of the line and of the dark one behind it, which keeps it apart from bright pictures."""
HELD = 1.5
"""How much wider the line is while a side is within reach."""
HANDLE = 9.0
FAINT = 0.25
PLACE = ("name", "metadata", "scale", "translate", "units", "axis_labels", "visible", "opacity", "blending")
"""What a layer of the corners has in common with that of the box."""
ORANGE, WHITE = "#ff9f1c", "#ffffff"

logger = logging.getLogger(__name__)


def leave_undrawn(viewer: Any, layer: "BoxOutline") -> None:
    """Let napari draw no points of a layer that has none: it would build four shader programs and a font for them."""
    try:
        points = unwrapped(viewer).window._qt_viewer.canvas.layer_to_visual[layer].node
        for part in points._subvisuals:
            part.visible = False
    except (AttributeError, KeyError, RuntimeError):
        logger.debug("napari's canvas is not where it was", exc_info=True)


class BoxOutline(Points):  # type: ignore[misc]  # napari loads its layers lazily
    """Edges and corners of a box of voxels; its border colour is that of the edges, its face colour that of corners."""

    def __init__(self, box: Box, **keywords: Any) -> None:
        self._box = box
        super().__init__(ndim=3, size=HANDLE, face_color=WHITE, border_color=ORANGE, opacity=1.0, **keywords)
        self.editable = False
        self._faint = False
        self._overlays["halo"] = BoundingBoxOverlay(line_color="black", points=False, order=self.bounding_box.order - 1)
        for event in ("current_border_color", "current_face_color", "current_size", "opacity"):
            self.events[event].connect(self._restyle)
        self._restyle()
        self.lift(False)
        for overlay in self.lines:
            overlay.blending = "translucent_no_depth"  # else a bright volume hides parts of the lines in 3D

    @property
    def lines(self) -> tuple[BoundingBoxOverlay, BoundingBoxOverlay]:
        """What is drawn: the dark line behind and the bright one before it; not visible until someone shows them."""
        return self._overlays["halo"], self.bounding_box

    @property
    def _type_string(self) -> str:
        """What napari calls this kind of layer in menus, icons and writers."""
        return "points"

    @property
    def box(self) -> Box:
        """What is drawn, in voxels."""
        return self._box

    @box.setter
    def box(self, box: Box) -> None:
        self._box = box
        self.refresh(thumbnail=False, highlight=False)

    def lift(self, held: bool) -> None:
        """Draw the edges wider, because a side is within reach of the hand, or as usual."""
        for overlay, width in zip(self.lines, (HALO, LINE), strict=True):
            overlay.line_thickness = width + (HELD if held else 0.0)

    def fade(self, faint: bool) -> None:
        """Draw the box faintly and without corners, because the slice in view is not in it, or as usual."""
        if faint != self._faint:
            self._faint = faint
            self._restyle()

    def _on_editable_changed(self) -> None:
        """Stay without points: napari makes layers of points editable whenever it leaves 3D."""
        self._editable = False

    def as_layer_data_tuple(self) -> tuple[Any, dict[str, Any], str]:
        """The corners of the box as plain points, for whoever saves or duplicates the layer."""
        _, state, kind = super().as_layer_data_tuple()
        corners = np.array(list(product(*self._extent_data.T)))
        plain = {key: state[key] for key in PLACE if key in state}
        style = {"size": HANDLE, "face_color": self.current_face_color, "border_color": self.current_border_color}
        return corners, {**plain, **style}, kind

    def _restyle(self, event: Any = None) -> None:
        for overlay in self.lines:
            overlay.opacity = self.opacity * (FAINT if self._faint else 1.0)
        self.bounding_box.points = not self._faint
        self.bounding_box.line_color = self.current_border_color
        self.bounding_box.point_color = self.current_face_color
        self.bounding_box.point_size = float(self.current_size)

    @property
    def _extent_data(self) -> npt.NDArray[np.float64]:
        """Centres of the outermost voxels, so that napari's sliders step through voxels as they did."""
        return np.array([self._box.start, self._box.stop], dtype=np.float64) - [[0], [1]]

    @property
    def _extent_data_augmented(self) -> npt.NDArray[np.float64]:
        """Where the lines run: around the outermost voxels."""
        return np.array([self._box.start, self._box.stop], dtype=np.float64) - 0.5
