"""A box around the sample that a person can drag by its sides and corners, in whatever slice is in view."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import Any

from napari.components import ViewerModel
from psygnal import Signal

from napari_hypseg._napari.box_drag import NOTHING, Grip, dragged, grip_at, holds, whole, within
from napari_hypseg._napari.box_outline import BoxOutline, leave_undrawn
from napari_hypseg._napari.layer_transform import AXES
from napari_hypseg._napari.napari_internals import add_unselected, guard_layer_removal
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.volume import Vector3

Steps = Generator[None, None, None]
REACH = 7.0
"""Screen pixels around a side that count as the side."""
HELP = "drag to move this side of the box, with <Shift> the whole box"


def at_once(steps: Steps) -> None:
    """Carry out all `steps`."""
    for _ in steps:
        pass


class BoxLayer:
    """An editable box in a viewer.

    Where the mouse is on a side or a corner, dragging moves it, whichever layer is selected; everywhere else the canvas
    pans and zooms as ever. With Shift the whole box moves in the plane. While a tool of another layer is in hand (a
    brush, for instance) the box lets the mouse be.

    Parameters
    ----------
    viewer
        Where to show it; the layer that was selected stays so.
    shape
        Grid (z, y, x) the box lies in.
    box
        In voxels of that grid; brought into it where it is not.
    scale, translate, units, axis_labels
        Placement of the grid, as `placement_keywords` gives it.
    name, metadata, visible
        Of the layer.
    drive
        Carries out the steps in which the box appears. A window lets a turn of its event loop pass between two of
        them, since each takes napari up to a tenth of a second. The first one, which adds the layer, is done at once.
    """

    changed = Signal(Box)
    """A person has changed the box; also while dragging."""
    hovered = Signal(frozenset)
    """The `Grip` the mouse is on now, empty elsewhere."""
    removed = Signal()
    """The layer is gone, and with it everything the viewer knew of the box."""

    def __init__(
        self,
        viewer: ViewerModel,
        shape: Index3,
        box: Box,
        scale: Vector3,
        translate: Vector3,
        units: Any,
        name: str = "sample box",
        metadata: Mapping[str, Any] | None = None,
        axis_labels: Sequence[str] = AXES,
        visible: bool = True,
        drive: Callable[[Steps], object] = at_once,
    ) -> None:
        self._viewer, self.shape = viewer, shape
        self._grip: Grip = NOTHING
        place = {"scale": scale, "translate": translate, "units": units, "axis_labels": axis_labels}
        self.layer = BoxOutline(within(box, shape), name=name, metadata=dict(metadata or {}), **place)
        guard_layer_removal(viewer)
        drive(self._appear(visible))
        viewer.mouse_move_callbacks.append(self._hover)
        viewer.mouse_drag_callbacks.append(self._drag)
        viewer.dims.events.connect(self._follow_view)
        viewer.layers.events.removed.connect(self._on_removed)
        self._follow_view()

    @property
    def box(self) -> Box:
        """Voxels of the full grid, half-open; in the grid, and never empty."""
        return self.layer.box

    def set_box(self, box: Box) -> None:
        """Show another box, brought into the grid where it is not; `changed` is for what a person does."""
        box = within(box, self.shape)
        if box != self.box:
            self.layer.box = box
            self._follow_view()

    def remove(self) -> None:
        """Take the layer out of the viewer."""
        if self.layer in self._viewer.layers:
            self._viewer.layers.remove(self.layer)

    def _appear(self, visible: bool) -> Steps:
        self.layer.visible = False
        add_unselected(self._viewer, self.layer)
        leave_undrawn(self._viewer, self.layer)
        yield None
        self.layer.visible = visible
        for lines in self.layer.lines:
            yield None
            lines.visible = True

    def _on_removed(self, event: Any) -> None:
        if event.value is not self.layer:
            return
        self._show_grip(NOTHING)
        self._viewer.mouse_move_callbacks.remove(self._hover)
        self._viewer.mouse_drag_callbacks.remove(self._drag)
        self._viewer.dims.events.disconnect(self._follow_view)
        self._viewer.layers.events.removed.disconnect(self._on_removed)
        self.removed.emit()

    def _follow_view(self, event: Any = None) -> None:
        self.layer.fade(self._viewer.dims.ndisplay == 2 and not self._is_in_view())

    def _axes(self) -> list[int]:
        """The axes of the grid that lie in the picture."""
        dims = self._viewer.dims
        return [axis - dims.ndim + 3 for axis in dims.displayed if axis >= dims.ndim - 3]

    def _is_in_view(self) -> bool:
        """Whether the slice in view goes through the box."""
        voxel = self.layer.world_to_data(self._viewer.dims.point)
        across = [axis for axis in range(3) if axis not in self._axes()]
        return holds(self.box, voxel, across)

    def _grip_at(self, event: Any) -> Grip:
        """The sides that a press of the mouse would take hold of."""
        axes, shift = self._axes(), tuple(event.modifiers) == ("Shift",)
        if not self._is_editable(axes) or (event.modifiers and not shift):
            return NOTHING
        voxel = self.layer.world_to_data(event.position)
        reach = [REACH / (self._viewer.scene.camera.zoom * abs(edge)) for edge in self.layer.scale]
        grip = grip_at(self.box, voxel, axes, reach)
        return whole(axes) if shift and (grip or holds(self.box, voxel, axes)) else grip

    def _is_editable(self, axes: Sequence[int]) -> bool:
        active = self._viewer.layers.selection.active
        at_rest = str(getattr(active, "mode", "pan_zoom")) == "pan_zoom"
        return (
            len(axes) == 2 and self._viewer.dims.ndisplay == 2 and self.layer.visible and at_rest and self._is_in_view()
        )

    def _hover(self, viewer: ViewerModel, event: Any) -> None:
        self._show_grip(self._grip_at(event))

    def _show_grip(self, grip: Grip) -> None:
        """Let the picture say what can be dragged."""
        if grip == self._grip:
            return
        self._grip = grip
        self.layer.lift(bool(grip))
        active = self._viewer.layers.selection.active
        self._viewer.cursor.style = "pointing" if grip else getattr(active, "cursor", "standard")
        self._viewer.help = HELP if grip else getattr(active, "help", "")
        self.hovered.emit(grip)

    def _drag(self, viewer: ViewerModel, event: Any) -> Iterator[None]:
        """From press to release; napari goes on with it at every move of the mouse."""
        grip = self._grip_at(event) if event.button == 1 and not event.handled else NOTHING
        if not grip:
            return
        event.handled = True  # by whoever else listens to the canvas, another box for instance
        self._show_grip(grip)
        before, pressed = self.box, self.layer.world_to_data(event.position)
        viewer.scene.camera.mouse_pan = False
        try:
            yield
            while event.type == "mouse_move":
                self._move(before, grip, self.layer.world_to_data(event.position) - pressed)
                yield
            self._move(before, grip, self.layer.world_to_data(event.position) - pressed)
        finally:
            viewer.scene.camera.mouse_pan = getattr(viewer.layers.selection.active, "mouse_pan", True)

    def _move(self, before: Box, grip: Grip, way: Any) -> None:
        z, y, x = (float(step) for step in way)
        box = dragged(before, grip, (z, y, x), self.shape)
        if box != self.box:
            self.set_box(box)
            self.changed.emit(box)
