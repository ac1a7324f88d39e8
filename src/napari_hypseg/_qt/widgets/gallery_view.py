"""A gallery: small pictures side by side, of which only those in sight are asked for and drawn."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from qtpy.QtCore import (
    QAbstractListModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from qtpy.QtGui import QColor, QKeyEvent, QKeySequence, QPainter, QPen, QPixmap
from qtpy.QtWidgets import QListView

from napari_hypseg._qt.widgets.controls import set_tooltip

SIDE, GAP = 64, 6
DRAWN = 1024
"""Pictures that are kept as they were drawn."""
DIMMED = 0.45
"""Opacity of junk."""
LIGHT = 0.35
"""Lightness of a colour from which black is read better on it than white."""
BLANK = QColor(128, 128, 128, 60)
CROSS = QColor(230, 80, 60)
ROLE = Qt.ItemDataRole
Rows = npt.NDArray[np.int64]
Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


@dataclass(frozen=True, eq=False)
class GalleryContent:
    """What is shown.

    Parameters
    ----------
    order
        int64 (m,): the particles, by their place among all, in the order of the gallery.
    junk
        bool (n,): which of all are junk.
    words
        What the tooltip says of a particle.
    corner
        What stands in the corner of its picture, such as the number of its class; empty for nothing.
    colour
        Of that corner.
    """

    order: Rows
    junk: npt.NDArray[np.bool_]
    words: Callable[[int], str]
    corner: Callable[[int], str]
    colour: Callable[[int], QColor] = lambda _: QColor(0, 0, 0)


class GalleryRows(QAbstractListModel):
    """The particles in their order; pictures are asked for when they are in sight."""

    def __init__(self, picture: Callable[[int], QPixmap | None]) -> None:
        super().__init__()
        self._picture = picture
        self._made: OrderedDict[tuple[object, ...], QPixmap] = OrderedDict()
        self.content = GalleryContent(np.zeros(0, np.int64), np.zeros(0, bool), str, str)

    def show(self, content: GalleryContent) -> None:
        """Show something else; where it is the same particles in the same order, they stay chosen."""
        same = np.array_equal(content.order, self.content.order)
        if not same:
            self.beginResetModel()
        self.content = content
        if not same:
            self.endResetModel()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """Particles in the gallery."""
        return 0 if parent.isValid() else len(self.content.order)

    def data(self, index: Index, role: int = ROLE.DisplayRole) -> Any:
        """The picture, and what is known in words."""
        particle = int(self.content.order[index.row()])
        match role:
            case ROLE.DecorationRole:
                return self._drawn(particle)
            case ROLE.ToolTipRole:
                return f"<p>{self.content.words(particle)}</p>"
            case ROLE.AccessibleTextRole:
                return self.content.words(particle)
            case ROLE.SizeHintRole:
                return QSize(SIDE + GAP, SIDE + GAP)
        return None

    def _drawn(self, particle: int) -> QPixmap:
        """The picture with its cross and corner; while one scrolls each is shown many times, and drawn once."""
        picture, junk = self._picture(particle), bool(self.content.junk[particle])
        corner = self.content.corner(particle)
        colour = self.content.colour(particle) if corner else BLANK
        key = (None if picture is None else picture.cacheKey(), junk, corner, colour.rgba())
        if key not in self._made:
            self._made[key] = _draw(picture, junk, corner, colour)
            if len(self._made) > DRAWN:
                self._made.popitem(last=False)
        return self._made[key]


def _draw(picture: QPixmap | None, junk: bool, corner: str, colour: QColor) -> QPixmap:
    made = QPixmap(SIDE, SIDE)
    made.fill(BLANK if picture is None else Qt.GlobalColor.black)
    painter = QPainter(made)
    if picture is not None:
        painter.setOpacity(DIMMED if junk else 1.0)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(made.rect(), picture)
        painter.setOpacity(1.0)
    if junk:
        painter.setPen(QPen(CROSS, 2))
        painter.drawLine(4, 4, SIDE - 5, SIDE - 5)
        painter.drawLine(SIDE - 5, 4, 4, SIDE - 5)
    if corner:
        write_corner(painter, corner, colour)
    painter.end()
    return made


class GalleryView(QListView):
    """Rows of pictures as wide as there is room; several can be chosen.

    Signals
    -------
    chosen
        With the particle that was clicked or reached by key, by its place among all.
    selection_told
        Other particles are chosen.
    junk_requested
        Delete was pressed: what is chosen is to be junk, or no junk any more.
    undo_requested, redo_requested
        Keys of undo and redo were pressed.
    """

    chosen = Signal(int)
    selection_told = Signal()
    junk_requested = Signal()
    undo_requested = Signal()
    redo_requested = Signal()

    def __init__(self, picture: Callable[[int], QPixmap | None]) -> None:
        super().__init__()
        self.rows = GalleryRows(picture)
        self.setModel(self.rows)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setIconSize(QSize(SIDE, SIDE))
        self.setGridSize(QSize(SIDE + GAP, SIDE + GAP))  # without, each of all particles is asked for its size
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Gallery of particles")
        set_tooltip(
            self, "A click flies to the particle; Shift and Ctrl choose several. Delete marks what is chosen as junk, "
            "or no junk any more; Ctrl-Z takes that back.",
        )  # fmt: skip
        self.selectionModel().selectionChanged.connect(self._tell)
        self.selectionModel().currentChanged.connect(lambda now, _: self._choose(now))

    def particles(self) -> Rows:
        """Those that are chosen, by their places among all."""
        chosen = np.zeros(len(self.rows.content.order), dtype=bool)
        selection = self.selectionModel().selection()
        for stretch in map(selection.at, range(selection.count())):
            chosen[stretch.top() : stretch.bottom() + 1] = True
        return self.rows.content.order[chosen]

    def choose(self, particles: Rows) -> None:
        """Choose some particles, by their places among all, and scroll to the first of them; it flies nowhere."""
        rows = np.flatnonzero(np.isin(self.rows.content.order, particles))
        chosen = QItemSelection()
        for stretch in np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1) if len(rows) else ():
            chosen.select(self.rows.index(int(stretch[0])), self.rows.index(int(stretch[-1])))
        model = self.selectionModel()
        model.blockSignals(True)  # the list would look for each of very many particles in what is in sight
        model.select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        model.blockSignals(False)
        self.redraw()
        self._tell()
        if len(rows):
            self.scrollTo(self.rows.index(int(rows[0])))

    def show_content(self, content: GalleryContent) -> None:
        """Show something else; what was chosen stays so, and where one was looking is kept."""
        before, place = set(self.particles().tolist()), self.verticalScrollBar().value()
        self.rows.show(content)
        self.redraw()
        if before and not self.selectionModel().hasSelection():
            self.choose(np.array(sorted(before)))
        self.verticalScrollBar().setValue(place)

    def redraw(self) -> None:
        """Have what is in sight drawn again, without a word to the model: Qt would lay out all particles anew."""
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete, undo and redo."""
        if not self.take_key(event):
            super().keyPressEvent(event)

    def take_key(self, event: QKeyEvent) -> bool:
        """Tell of a key that does something to what is chosen, wherever it was pressed; False for all others."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.junk_requested.emit()
        elif event.matches(QKeySequence.StandardKey.Undo):
            self.undo_requested.emit()
        elif event.matches(QKeySequence.StandardKey.Redo):
            self.redo_requested.emit()
        else:
            return False
        return True

    def _choose(self, now: QModelIndex) -> None:
        if now.isValid():
            self.chosen.emit(int(self.rows.content.order[now.row()]))

    def _tell(self, *_: object) -> None:
        self.selection_told.emit()


def write_corner(painter: QPainter, text: str, colour: QColor) -> None:
    """Write on a patch of colour, in black or white, whichever is read on it."""
    width = painter.fontMetrics().horizontalAdvance(text) + 6
    height = painter.fontMetrics().height()
    painter.fillRect(0, 0, width, height, colour)
    painter.setPen(QColor(0, 0, 0) if colour.lightnessF() > LIGHT else QColor(255, 255, 255))
    painter.drawText(0, 0, width, height, int(Qt.AlignmentFlag.AlignCenter), text)
