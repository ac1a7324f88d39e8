"""The regions that are shown beside the structures as a list, the largest first, linked both ways with the picture."""

from typing import Any

import numpy as np
from qtpy.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from qtpy.QtGui import QKeyEvent, QMouseEvent, QPixmap
from qtpy.QtWidgets import QListView

from napari_hypseg._napari.leaf_table import LeafTable
from napari_hypseg._qt.controllers.structures import StructureController
from napari_hypseg._qt.controllers.thumbnails import Thumbnails
from napari_hypseg._qt.layers.canvas_input import Joins
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.notifications import reporting_errors
from napari_hypseg._qt.widgets.controls import set_tooltip
from napari_hypseg._qt.widgets.mouse_keys import joins_of, key_name
from napari_hypseg._qt.widgets.picture_tooltip import picture_tooltip
from napari_hypseg._qt.widgets.short_number import short_number
from napari_hypseg._qt.widgets.swatch_icon import PICTURE, swatch_icon, swatch_size
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.structures.free_regions import FreeRegions, free_regions

NARROW = 140
OUTLINE = (1.0, 0.85, 0.25)
"""Colour of the outlines in thumbnails, which selecting does not dim."""
ROLE = Qt.ItemDataRole
Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
STEPS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class RegionRows(QAbstractListModel):
    """Thousands of regions; words and pictures are made for those in sight."""

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._thumbnails = thumbnails
        self.regions: FreeRegions | None = None
        self._shown: tuple[Hierarchy, LeafTable] | None = None

    def show(self, tree: Hierarchy | None, table: LeafTable | None, regions: FreeRegions | None) -> None:
        """Show regions of a tree with the colours and names of a table, or nothing."""
        same = self.regions is not None and regions is not None and np.array_equal(self.regions.nodes, regions.nodes)
        if not same:
            self.beginResetModel()
        self.regions = regions
        self._shown = (tree, table) if tree is not None and table is not None else None
        if same:
            self.redraw()
        else:
            self.endResetModel()

    def redraw(self) -> None:
        """Have what is in sight drawn again."""
        if self.rowCount():
            self.dataChanged.emit(self.index(0), self.index(self.rowCount() - 1))

    def row_of(self, node: int) -> QModelIndex:
        """The place of a node in the list, an invalid one where it is not listed."""
        (rows,) = np.nonzero(self.regions.nodes == node) if self.regions is not None else (np.zeros(0, int),)
        return self.index(int(rows[0])) if len(rows) else QModelIndex()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """Regions that are not whole in structures."""
        return 0 if parent.isValid() or self.regions is None else len(self.regions.nodes)

    def data(self, index: Index, role: int = ROLE.DisplayRole) -> Any:
        """Name and size of a region, its colour and a typical neighbourhood."""
        if self._shown is None or self.regions is None:
            return None
        leaf = int(self.regions.leaves[index.row()])
        match role:
            case ROLE.DisplayRole:
                return f"{self._shown[1].region_of(1 + leaf)}   {short_number(int(self.regions.voxels[index.row()]))}"
            case ROLE.AccessibleTextRole:
                return f"{self._shown[1].describe(1 + leaf)}, {int(self.regions.voxels[index.row()])} voxels"
            case ROLE.DecorationRole:
                return swatch_icon(self._colour(leaf), self._picture(index.row()))
            case ROLE.ToolTipRole:
                picture, words = self._picture(index.row()), self._origin(leaf)
                return f"<p>{words}</p>" if picture is None else picture_tooltip(picture, f"{words}; outlined")
            case ROLE.SizeHintRole:
                return QSize(0, PICTURE + 2)
        return None

    def _origin(self, leaf: int) -> str:
        """What a region is, and which one it broke off from as the slider moved right, which its name says."""
        assert self._shown is not None
        what, table = self._shown[1].describe(1 + leaf), self._shown[1]
        before = table.names.get(table.region_of(1 + leaf), "").split(".")[:-1]
        return f"{what[:1].upper()}{what[1:]}" + (f", which broke off from region {before[-1]}" if before else "")

    def _colour(self, leaf: int) -> tuple[float, float, float]:
        assert self._shown is not None
        red, green, blue = (float(part) for part in self._shown[1].colours[1 + leaf][:3])
        return red, green, blue

    def _picture(self, row: int) -> QPixmap | None:
        """A typical neighbourhood of the whole node."""
        assert self._shown is not None
        assert self.regions is not None
        tree = self._shown[0]
        inside = np.zeros(tree.n_leaves, dtype=bool)
        inside[tree.leaves_of(int(self.regions.nodes[row]))] = True
        return self._thumbnails.picture(inside, OUTLINE)


class RegionList(QListView):
    """Follows the model when it is told to; clicks and keys mean what they mean on regions in the picture.

    Signals
    -------
    pressed_key
        With the name of a key that does something to what is selected.
    """

    pressed_key = Signal(str)

    def __init__(self, model: WindowModel, structures: StructureController, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._model, self._structures, self.rows = model, structures, RegionRows(thumbnails)
        self.setModel(self.rows)
        self.setUniformItemSizes(True)
        self.setIconSize(swatch_size())
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(NARROW)
        self.setAccessibleName("Regions")
        set_tooltip(
            self,
            "The regions shown, the largest first. Click one to select it, Shift-click to add, Ctrl-click to take "
            "away; arrow keys go from one to the next, Enter makes a structure of it.",
        )
        thumbnails.changed.connect(self._redraw)

    def refresh(self) -> None:
        """List the regions as they are now, the one that is selected chosen."""
        model = self._model
        if model.tree is None or model.cut is None or model.annotation is None:
            self.rows.show(None, None, None)
            return
        found = free_regions(model.tree, model.cut, model.annotation.free_leaves())
        self.rows.show(model.tree, model.table, found)
        selection = model.selection
        is_shown = selection is not None and selection.tree == model.tree.name
        place = self.rows.row_of(selection.node) if selection is not None and is_shown else QModelIndex()
        self.setCurrentIndex(place)
        if place.isValid():
            self.scrollTo(place)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select the region, or add it to or take it from what is selected."""
        place = self.indexAt(event.position().toPoint())
        if place.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self._choose(place, joins_of(event.modifiers()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from region to region, or do something to what is selected."""
        name = key_name(event)
        if event.key() in STEPS:
            super().keyPressEvent(event)
            self._choose(self.currentIndex(), Joins.REPLACES)
        elif name is not None:
            self.pressed_key.emit(name)
        else:
            super().keyPressEvent(event)

    def _choose(self, place: QModelIndex, joins: Joins) -> None:
        if place.isValid() and self.rows.regions is not None:
            with reporting_errors():
                self._structures.click_node(int(self.rows.regions.nodes[place.row()]), joins)

    def _redraw(self) -> None:
        if self.isVisible():
            self.rows.redraw()
