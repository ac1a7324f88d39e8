"""Leaves that look like what is selected, nearest first, each as a picture; those that are suggested stand out."""

from typing import Any

import numpy as np
import numpy.typing as npt
from qtpy.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from qtpy.QtGui import QColor, QPainter, QPixmap
from qtpy.QtWidgets import QListView

from napari_hypseg._qt.controllers.structures import StructureController
from napari_hypseg._qt.controllers.thumbnails import Thumbnails
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.widgets.controls import set_tooltip
from napari_hypseg.structures.structure import Rgb

SIDE, GAP = 48, 4
HEIGHT = SIDE + 2 * GAP + 14
"""With the scroll bar."""
NEUTRAL: Rgb = (1.0, 0.85, 0.25)
DIMMED = 0.45
"""Opacity of what is not suggested."""
ROLE = Qt.ItemDataRole
Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


class AlikeRows(QAbstractListModel):
    """The leaves in their order; pictures are asked for when they are in sight."""

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._thumbnails = thumbnails
        self.order: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self._suggested: npt.NDArray[np.bool_] = np.zeros(0, bool)
        self._colour = NEUTRAL

    def show(self, order: npt.NDArray[np.int64], suggested: npt.NDArray[np.bool_], colour: Rgb) -> None:
        """Show leaves in an `order`; those that are `suggested` (bool, K) stand out, outlined in a colour."""
        same = np.array_equal(order, self.order)
        if not same:
            self.beginResetModel()
        self.order, self._suggested, self._colour = order, suggested, colour
        if same:
            self.redraw()
        else:
            self.endResetModel()

    def redraw(self) -> None:
        """Have what is in sight drawn again."""
        if len(self.order):
            self.dataChanged.emit(self.index(0), self.index(len(self.order) - 1), [ROLE.DecorationRole])

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """Leaves that are in no structure."""
        return 0 if parent.isValid() else len(self.order)

    def data(self, index: Index, role: int = ROLE.DisplayRole) -> Any:
        """The picture, and in words how alike it is."""
        leaf = int(self.order[index.row()])
        words = f"number {index.row() + 1} of {len(self.order)} by likeness"
        state = "suggested" if self._suggested[leaf] else "not suggested"
        match role:
            case ROLE.DecorationRole:
                return self._picture(leaf)
            case ROLE.ToolTipRole:
                return f"<p>{words.capitalize()}, {state}; click to see it in the picture.</p>"
            case ROLE.AccessibleTextRole:
                return f"{words}, {state}"
            case ROLE.SizeHintRole:
                return QSize(SIDE + GAP, SIDE + GAP)
        return None

    def _picture(self, leaf: int) -> QPixmap:
        alone = np.zeros(len(self._suggested), dtype=bool)
        alone[leaf] = True
        drawn = self._thumbnails.picture(alone, self._colour)
        made = QPixmap(SIDE, SIDE)
        made.fill(QColor(128, 128, 128, 60))
        painter = QPainter(made)
        if drawn is not None:
            painter.setOpacity(1.0 if self._suggested[leaf] else DIMMED)
            painter.drawPixmap(made.rect(), drawn)
        if self._suggested[leaf]:
            painter.setOpacity(1.0)
            painter.setPen(QColor.fromRgbF(*self._colour))
            painter.drawRect(0, 0, SIDE - 1, SIDE - 1)
        painter.end()
        return made


class AlikeStrip(QListView):
    """A row of pictures that is there while something is suggested.

    Signals
    -------
    place_chosen
        With the place (z, y, x) in the world of a leaf that was clicked.
    """

    place_chosen = Signal(object)

    def __init__(self, model: WindowModel, structures: StructureController, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._model, self._structures, self._thumbnails = model, structures, thumbnails
        self.rows = AlikeRows(thumbnails)
        self.setModel(self.rows)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setUniformItemSizes(True)
        self.setIconSize(QSize(SIDE, SIDE))
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName("Most alike first")
        set_tooltip(
            self, "Nearest first: leaves that look like what is selected; framed are those that Enter would add."
        )
        self.clicked.connect(self._go_to)
        self.activated.connect(self._go_to)
        thumbnails.changed.connect(self._redraw)
        model.suggestion_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what is suggested now, and what would come next."""
        suggestion, active = self._model.suggestion, self._model.active
        if suggestion is not None:
            self.rows.show(self._structures.alike, suggestion, active.colour if active is not None else NEUTRAL)
        self.setVisible(suggestion is not None)

    def _redraw(self) -> None:
        if self.isVisible():
            self.rows.redraw()

    def _go_to(self, index: QModelIndex) -> None:
        place = self._thumbnails.world_place(int(self.rows.order[index.row()]))
        if place is not None:
            self.place_chosen.emit(place)
