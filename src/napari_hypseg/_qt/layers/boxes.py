"""Which part of each volume counts: the one place that the text field, the layers and the plots show and change."""

from collections.abc import Iterable, Sequence
from weakref import WeakKeyDictionary

from napari.layers import Image
from qtpy.QtCore import QObject, Signal

from napari_hypseg.errors import InputError
from napari_hypseg.volumes import Box, Index3

Group = Sequence[Image]
"""The layers of one specimen, which are its channels."""


class Boxes(QObject):
    """A box for each specimen that has one; a specimen is known by the layers of its channels.

    Signals
    -------
    changed
        A box is another one than before; setting what is there already says nothing, so nothing echoes.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._boxes: WeakKeyDictionary[Image, Box] = WeakKeyDictionary()

    def of(self, group: Group) -> Box | None:
        """The box of a specimen, None if all of it counts."""
        owner = self._owner(group)
        return None if owner is None else self._boxes[owner]

    def items(self) -> list[tuple[Image, Box]]:
        """The layers that have a box, and it."""
        return list(self._boxes.items())

    def put(self, groups: Iterable[Group], box: Box | None) -> None:
        """Give all `groups` the part of `box` that lies in their grid, or none.

        Raises
        ------
        InputError
            If the box holds no voxel of one of them; then none is changed.
        """
        self.replace([(group, None if box is None else _inside(box, group[0])) for group in groups])

    def replace(self, pairs: Iterable[tuple[Group, Box | None]]) -> None:
        """Give each group its own box, or none."""
        before = dict(self._boxes)
        for group, box in pairs:
            owner = self._owner(group) or group[0]
            self._boxes.pop(owner, None)
            if box is not None:
                self._boxes[owner] = box
        if dict(self._boxes) != before:
            self.changed.emit()

    def _owner(self, group: Group) -> Image | None:
        return next((layer for layer in group if layer in self._boxes), None)


def grid_of(layer: Image) -> Index3:
    """Voxels (z, y, x) of a layer at its full resolution."""
    z, y, x = (layer.data[0] if layer.multiscale else layer.data).shape
    return int(z), int(y), int(x)


def _inside(box: Box, layer: Image) -> Box:
    inside = box.intersect(Box.whole(grid_of(layer)))
    if inside.size == 0:
        raise InputError(f"The box {box} holds no voxel of {layer.name}, whose grid is {grid_of(layer)} (z, y, x).")
    return inside
