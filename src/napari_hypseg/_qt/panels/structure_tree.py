"""The structures as a tree: what lies inside what, with colour, size, eye and lock; rows are dragged to nest them."""

from collections.abc import Mapping

from qtpy.QtCore import QModelIndex, QSize, Qt, Signal
from qtpy.QtGui import QColor, QDropEvent, QIcon, QPixmap
from qtpy.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSizePolicy,
    QTreeWidget,
    QTreeWidgetItem,
    QTreeWidgetItemIterator,
)

from napari_hypseg._qt.style import theme_icon
from napari_hypseg._qt.widgets.controls import set_tooltip
from napari_hypseg.structures.annotation import Annotation
from napari_hypseg.structures.structure import Structure

NAME, SIZE, EYE, LOCK = range(4)
ID = Qt.ItemDataRole.UserRole
SWATCH = 12
ICON_WIDTH = 26
LEAST_HEIGHT, USUAL_HEIGHT = 96, 170


class StructureTree(QTreeWidget):
    """One row a structure.

    Signals
    -------
    chosen
        With the id of the structure whose row was clicked or reached by key.
    renamed
        With id and new name.
    show_toggled, lock_toggled
        With the id of the structure whose eye or lock was clicked.
    moved
        With id, and the id of the structure it was dropped on or None.
    """

    chosen = Signal(int)
    renamed = Signal(int, str)
    show_toggled = Signal(int)
    lock_toggled = Signal(int)
    moved = Signal(int, object)

    def __init__(self, theme: str) -> None:
        super().__init__()
        self._theme = theme
        self.setColumnCount(4)
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setAccessibleName("Structures")
        set_tooltip(
            self,
            "Structures. Click one to see it alone and to add to it (Shift-click in the picture) or take from it "
            "(Ctrl-click). Double-click or F2 renames, the eye hides, the lock freezes; drag one onto another to put "
            "it inside.",
        )
        self.setMinimumHeight(LEAST_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setEditTriggers(self.EditTrigger.DoubleClicked | self.EditTrigger.EditKeyPressed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(ICON_WIDTH)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(SIZE, QHeaderView.ResizeMode.ResizeToContents)
        for column in (EYE, LOCK):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(column, ICON_WIDTH)
        self.itemClicked.connect(self._on_clicked)
        self.itemChanged.connect(self._on_changed)
        self.currentItemChanged.connect(self._on_current)

    def sizeHint(self) -> QSize:
        """High enough for a dozen structures, where there is room."""
        return QSize(super().sizeHint().width(), USUAL_HEIGHT)

    def set_theme(self, theme: str) -> None:
        """Draw eyes and locks so that they are seen in a theme; they change with the next `show_structures`."""
        self._theme = theme

    def show_structures(
        self, annotation: Annotation | None, sizes: Mapping[int, str], active: int | None, editable: bool
    ) -> None:
        """List the structures of `annotation` with the words for their `sizes`, the active one chosen."""
        self.blockSignals(True)
        self.clear()
        rows: dict[int, QTreeWidgetItem] = {}
        waiting = list(annotation.structures.values()) if annotation is not None else []
        while waiting:
            one = waiting.pop(0)
            if one.parent is not None and one.parent not in rows:
                waiting.append(one)
                continue
            rows[one.id] = self._row(one, sizes.get(one.id, ""), editable)
            if one.parent is None:
                self.addTopLevelItem(rows[one.id])
            else:
                rows[one.parent].addChild(rows[one.id])
        self.expandAll()
        self.blockSignals(False)
        self.select(active)

    def select(self, structure: int | None) -> None:
        """Choose the row of a structure, or none, and tell nobody."""
        self.blockSignals(True)
        rows = [item for item in self._items() if item.data(NAME, ID) == structure]
        if rows:
            self.setCurrentItem(rows[0])
        else:
            self.setCurrentIndex(QModelIndex())
        self.blockSignals(False)

    def edit_current(self) -> None:
        """Let the name of the chosen structure be typed."""
        item = self.currentItem()
        if item is not None:
            self.editItem(item, NAME)

    def dropEvent(self, event: QDropEvent) -> None:
        """Ask for the structure to be moved; the rows follow the model."""
        item, target = self.currentItem(), self.itemAt(event.position().toPoint())
        between = self.dropIndicatorPosition() != self.DropIndicatorPosition.OnItem
        above = target.parent() if target is not None and between else target
        event.ignore()
        if item is not None:
            self.moved.emit(item.data(NAME, ID), above.data(NAME, ID) if above is not None else None)

    def _row(self, one: Structure, size: str, editable: bool) -> QTreeWidgetItem:
        row = QTreeWidgetItem([one.name, size])
        row.setData(NAME, ID, one.id)
        if editable:
            row.setFlags(row.flags() | Qt.ItemFlag.ItemIsEditable)
        row.setIcon(NAME, _swatch(one))
        row.setTextAlignment(SIZE, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.setIcon(EYE, theme_icon("visibility" if one.visible else "visibility_off", self._theme))
        row.setIcon(LOCK, theme_icon("lock" if one.locked else "lock_open", self._theme))
        row.setToolTip(EYE, "Hide it" if one.visible else "Show it")
        row.setToolTip(LOCK, "Let it change again" if one.locked else "Freeze it: nothing takes voxels from it")
        return row

    def _items(self) -> list[QTreeWidgetItem]:
        rows = QTreeWidgetItemIterator(self)
        found = list[QTreeWidgetItem]()
        while (item := rows.value()) is not None:
            found.append(item)
            rows += 1
        return found

    def _on_clicked(self, item: QTreeWidgetItem, column: int) -> None:
        told = {EYE: self.show_toggled, LOCK: self.lock_toggled}.get(column, self.chosen)
        told.emit(item.data(NAME, ID))

    def _on_current(self, item: QTreeWidgetItem | None, before: QTreeWidgetItem | None) -> None:
        if item is not None and self.hasFocus():
            self.chosen.emit(item.data(NAME, ID))

    def _on_changed(self, item: QTreeWidgetItem, column: int) -> None:
        if column == NAME:
            self.renamed.emit(item.data(NAME, ID), item.text(NAME))


def _swatch(one: Structure) -> QIcon:
    picture = QPixmap(SWATCH, SWATCH)
    picture.fill(QColor.fromRgbF(*one.colour))
    return QIcon(picture)
