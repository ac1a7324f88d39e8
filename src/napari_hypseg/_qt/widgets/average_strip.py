"""Averages of the classes in a column, each with its number and how many particles it has."""

from collections.abc import Sequence

from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtGui import QIcon, QPixmap
from qtpy.QtWidgets import QListWidget, QListWidgetItem

from napari_hypseg._qt.widgets.controls import set_tooltip

SIDE = 64
WIDTH = SIDE + 50
"""With room for words below and the scroll bar."""
CLASS = Qt.ItemDataRole.UserRole


class AverageStrip(QListWidget):
    """One picture a class.

    Signals
    -------
    class_chosen
        With the number of the class that was clicked or reached by key.
    """

    class_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setViewMode(QListWidget.ViewMode.IconMode)
        self.setFlow(QListWidget.Flow.TopToBottom)
        self.setWrapping(False)
        self.setMovement(QListWidget.Movement.Static)
        self.setIconSize(QSize(SIDE, SIDE))
        self.setFixedWidth(WIDTH)
        self.setGridSize(QSize(WIDTH - 24, SIDE + 26))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Averages of the classes")
        set_tooltip(self, "The mean of the particles of each class, and how many there are; a click chooses them.")
        self.itemClicked.connect(self._choose)
        self.itemActivated.connect(self._choose)

    def show_averages(self, classes: Sequence[int], counts: Sequence[int], pictures: Sequence[QPixmap]) -> None:
        """Show one picture for each class; class 0 stands for particles that were not sorted."""
        self.clear()
        for number, count, picture in zip(classes, counts, pictures, strict=True):
            words = f"class {number}: {count}" if number else f"all: {count}"
            item = QListWidgetItem(QIcon(picture.scaled(SIDE, SIDE)), words)
            item.setData(CLASS, number)
            self.addItem(item)

    def _choose(self, item: QListWidgetItem) -> None:
        self.class_chosen.emit(int(item.data(CLASS)))
