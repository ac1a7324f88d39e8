"""The voxel size as the header has it, open to correction, since headers lie."""

from collections.abc import Callable, Sequence

from napari.layers import Layer
from qtpy.QtGui import QDoubleValidator
from qtpy.QtWidgets import QComboBox, QGridLayout, QLabel, QLineEdit, QWidget

from napari_hypseg._napari.metadata_keys import VOXEL_SIZE_DOUBT
from napari_hypseg._qt.notifications import reporting_errors
from napari_hypseg._qt.widgets.controls import set_enabled, set_tooltip
from napari_hypseg.io.voxel_size import is_plausible
from napari_hypseg.volumes import Vector3
from napari_hypseg.volumes.units import COMMON_UNITS, PIXEL, SYMBOLS, parse_unit

NARROW = 40
SMALLEST = 1e-9
LARGEST = 1e9


class VoxelSizeEditor(QWidget):
    """Edge lengths (z, y, x) and their unit; `correct` gives what is typed to the layers and their project."""

    def __init__(self, correct: Callable[[Sequence[Layer], Vector3, str], None]) -> None:
        super().__init__()
        self._correct = correct
        self._layers: list[Layer] = []
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(3)
        self.edges = [QLineEdit() for _ in range(3)]
        for column, (edge, axis) in enumerate(zip(self.edges, "zyx", strict=True)):
            edge.setValidator(QDoubleValidator(SMALLEST, LARGEST, 9, edge))
            edge.setMinimumWidth(NARROW)
            edge.setAccessibleName(f"Voxel size along {axis}")
            set_tooltip(edge, f"Length of a voxel along {axis}: stretches the picture and sets every size in it.")
            edge.editingFinished.connect(self._apply)
            layout.addWidget(edge, 0, column)
        self.unit = QComboBox()
        for name in COMMON_UNITS:
            self.unit.addItem(SYMBOLS[name], name)
        set_tooltip(self.unit, "Unit of the voxel size; the scale bar of the picture counts in it.")
        self.unit.currentIndexChanged.connect(self._apply)
        layout.addWidget(self.unit, 0, 3)
        self.note = QLabel()
        self.note.setWordWrap(True)
        layout.addWidget(self.note, 1, 0, 1, 4)

    def show_layers(self, layers: Sequence[Layer]) -> None:
        """Show the voxel size of the first of `layers`; corrections go to all that have the same."""
        self._layers = list(layers)
        for widget in (*self.edges, self.unit):
            set_enabled(widget, None if layers else "no volume is ticked.")
            widget.blockSignals(True)
        if layers:
            for edge, length in zip(self.edges, _size(layers[0])[0], strict=True):
                edge.setText(length)
            self._show_unit(unit_of(layers[0]))
        for widget in (*self.edges, self.unit):
            widget.blockSignals(False)
        self.note.setText(_doubt(layers[0]) if layers else "")
        self.note.setVisible(bool(self.note.text()))

    def _show_unit(self, unit: str) -> None:
        """Choose `unit`, which a file may give although it is not among the common ones."""
        if self.unit.findData(unit) < 0:
            self.unit.addItem(SYMBOLS[unit], unit)
        self.unit.setCurrentIndex(self.unit.findData(unit))

    def _apply(self, *_: object) -> None:
        """Correct the layers that had the size shown before; a focus that only passed through changes nothing."""
        if not self._layers or not all(edge.hasAcceptableInput() for edge in self.edges):
            return
        size, unit = [edge.text() for edge in self.edges], self.unit.currentData()
        before = _size(self._layers[0])
        if (size, unit) != before:
            z, y, x = map(float, size)
            with reporting_errors():
                same = [layer for layer in self._layers if _size(layer) == before]
                self._correct(same, (z, y, x), unit)


def _size(layer: Layer) -> tuple[list[str], str]:
    """Voxel size of a layer as it is written, and its unit."""
    return [f"{float(length):.6g}" for length in layer.scale], unit_of(layer)


def unit_of(layer: Layer) -> str:
    """Unit of a layer's scale as this project names it."""
    return parse_unit(str(layer.units[-1])) or PIXEL


def _doubt(layer: Layer) -> str:
    """What is odd about a layer's voxel size, in one sentence."""
    z, y, x = (float(length) for length in layer.scale)
    if not is_plausible((z, y, x)):
        return "⚠ This voxel size cannot be; correct it to get true sizes."
    if z == y == x and (doubt := layer.metadata.get(VOXEL_SIZE_DOUBT)):
        return f"⚠ {doubt}"
    if unit_of(layer) == PIXEL:
        return "⚠ The file does not say how large a voxel is; type it to get true sizes."
    return ""
