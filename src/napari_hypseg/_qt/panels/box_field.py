"""The box of the ticked specimens as text that can be edited."""

from qtpy.QtWidgets import QLineEdit

from napari_hypseg._napari.volume_from_layers import volume_from_layers
from napari_hypseg._qt.layers.boxes import Boxes
from napari_hypseg._qt.layers.specimen_model import SpecimenModel
from napari_hypseg._qt.notifications import reporting_errors
from napari_hypseg._qt.widgets.controls import set_tooltip
from napari_hypseg.io.box_file import parse_box


class BoxField(QLineEdit):
    """Shows the box that all ticked specimens share; what is typed becomes the box of each."""

    def __init__(self, specimens: SpecimenModel, boxes: Boxes) -> None:
        super().__init__()
        self._specimens, self._boxes = specimens, boxes
        self._typed = False
        self.textChanged.connect(self._on_typed)
        self.editingFinished.connect(self._leave)
        boxes.changed.connect(self._on_boxes)
        set_tooltip(
            self,
            "Only voxels inside this box get a region. Numbers are voxels (z, y, x), the end is not included. "
            "What is typed here becomes the box of every ticked specimen.",
        )

    def apply(self) -> None:
        """Make what was typed the box of all ticked specimens.

        Raises
        ------
        HypsegError
            If it is no box, or holds no voxel of one of them.
        """
        groups, text = self._specimens.groups(), self.text().strip()
        if self._typed and groups:
            self._boxes.put(groups, parse_box(text, volume_from_layers(groups[0])) if text else None)
            self._on_boxes()

    def refresh(self) -> None:
        """Show the box of what is ticked, unless another one is being typed."""
        if self._typed:
            return
        boxes = {self._boxes.of(group) for group in self._specimens.groups()} or {None}
        one = boxes.pop() if len(boxes) == 1 else None
        self.blockSignals(True)
        self.setText("" if one is None else str(one))
        self.blockSignals(False)
        self.setPlaceholderText("one box for each specimen" if boxes else "whole volume, or z0:z1,y0:y1,x0:x1")

    def _on_typed(self) -> None:
        self._typed = True

    def _leave(self) -> None:
        """Take the box up as soon as it is typed; what is no box is told once."""
        if self.isModified():
            self.setModified(False)
            with reporting_errors():
                self.apply()

    def _on_boxes(self) -> None:
        self._typed = False
        self.refresh()
