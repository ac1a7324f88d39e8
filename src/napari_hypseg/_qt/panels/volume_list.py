"""The volumes of the viewer, each with a tick."""

from napari.layers import Image
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QListWidgetItem

from napari_hypseg._qt.layers.specimen_model import SpecimenModel
from napari_hypseg._qt.layers.specimens import unfit
from napari_hypseg._qt.widgets.controls import set_tooltip
from napari_hypseg._qt.widgets.scrolling import ExpandingList

HEIGHT = 48
NO_VOLUME = "No volume yet: drag a file onto the window, or press Open."
LAYER = Qt.ItemDataRole.UserRole


class VolumeList(ExpandingList):
    """Shows which volumes of `specimens` are ticked, and ticks them."""

    def __init__(self, specimens: SpecimenModel) -> None:
        super().__init__(HEIGHT, NO_VOLUME)
        self._specimens = specimens
        self.setAccessibleName("Volumes")
        set_tooltip(self, "Tick the volumes whose regions you want to see.")
        self.itemChanged.connect(self._tick)

    def refresh(self) -> None:
        """Show the volumes there are now, and which are ticked."""
        images, ticked = self._specimens.images, self._specimens.ticked
        self.blockSignals(True)
        if [(layer, layer.name) for layer in images] != [(item.data(LAYER), item.text()) for item in self._items()]:
            self.clear()
            for layer in images:
                self.addItem(_item(layer))
        for item, layer in zip(self._items(), images, strict=True):
            item.setCheckState(Qt.CheckState.Checked if layer in ticked else Qt.CheckState.Unchecked)
        self.blockSignals(False)

    def _items(self) -> list[QListWidgetItem]:
        return [self.item(row) for row in range(self.count())]

    def _tick(self) -> None:
        self._specimens.tick(item.data(LAYER) for item in self._items() if item.checkState() == Qt.CheckState.Checked)


def _item(layer: Image) -> QListWidgetItem:
    item = QListWidgetItem(layer.name)
    item.setData(LAYER, layer)
    if (reason := unfit(layer)) is not None:
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setToolTip(f"<p>{reason}</p>")
    return item
