"""First and last voxel that count along one axis, as numbers: what the keyboard has for a box."""

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_hypseg._qt.widgets.controls import set_tooltip
from napari_hypseg._qt.widgets.scrolling import pass_wheel_to_parent
from napari_hypseg._qt.widgets.spin_boxes import VoxelSpinBox


class SliceRange(QWidget):
    """Two numbers of which the second is never before the first."""

    edited = Signal(int, int)
    """A person has changed it: first voxel kept, and first one behind them that is not."""

    def __init__(self, axis: str) -> None:
        super().__init__()
        self.first, self.last = VoxelSpinBox("from "), VoxelSpinBox("to ")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for number, which, side in ((self.first, "First", "near"), (self.last, "Last", "far")):
            set_tooltip(
                number,
                f"{which} slice along {axis} that is inside the box, in voxels counted from 0; the {side} side of the "
                "box in the picture moves there.",
            )
            number.setAccessibleName(f"{which} voxel along {axis}")
            number.valueChanged.connect(self._on_edit)
            layout.addWidget(number)
        pass_wheel_to_parent(self)

    def show_range(self, start: int, stop: int, n: int) -> None:
        """Show the voxels ``[start, stop)`` of `n`; nothing is told."""
        for number, value in ((self.first, start), (self.last, stop - 1)):
            number.blockSignals(True)
            number.setRange(0, max(n, 1) - 1)
            number.setValue(value)
            number.blockSignals(False)
        self._bound()

    def _on_edit(self) -> None:
        self._bound()
        self.edited.emit(self.first.value(), self.last.value() + 1)

    def _bound(self) -> None:
        self.first.setMaximum(self.last.value())
        self.last.setMinimum(self.first.value())
