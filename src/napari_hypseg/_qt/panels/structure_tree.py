"""The structures as a tree: what lies inside what, with colour, size, eye and lock; rows are dragged to nest them."""

from collections.abc import Mapping, Sequence

from qtpy.QtCore import QEvent, QModelIndex, QSize, Qt, Signal
from qtpy.QtGui import (
    QContextMenuEvent,
    QDropEvent,
    QHelpEvent,
    QIcon,
    QKeyEvent,
    QKeySequence,
    QPaintEvent,
    QPixmap,
)
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
from napari_hypseg._qt.widgets.picture_tooltip import picture_tooltip
from napari_hypseg._qt.widgets.scrolling import paint_hint
from napari_hypseg._qt.widgets.swatch_icon import swatch_icon, swatch_size
from napari_hypseg.structures.annotation import Annotation
from napari_hypseg.structures.structure import Structure

NAME, SIZE, EYE, LOCK = range(4)
ID = Qt.ItemDataRole.UserRole
ICON_WIDTH, SMALL = 26, 16
ROW_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Delete, Qt.Key.Key_Space)
LEAST_HEIGHT, USUAL_HEIGHT = 96, 170
EMPTY = "No structures yet: click a region in the picture, then press Enter or Make structure."


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
    remove_requested
        With the id of the structure in whose row Delete was pressed.
    undo_requested, redo_requested, escaped
        A key was pressed.
    typed
        With text that is to be searched for.
    """

    chosen = Signal(int)
    renamed = Signal(int, str)
    show_toggled = Signal(int)
    lock_toggled = Signal(int)
    moved = Signal(int, object)
    remove_requested = Signal(int)
    undo_requested = Signal()
    redo_requested = Signal()
    escaped = Signal()
    typed = Signal(str)

    def __init__(self, theme: str) -> None:
        super().__init__()
        self._theme = theme
        self._folded: set[int] = set()
        self._pictures: dict[int, QPixmap] = {}
        self._icons: dict[str, QIcon] = {}
        """Eyes and locks of the theme, which are drawn once."""
        self._rows: dict[int, QTreeWidgetItem] = {}
        self._shown: dict[int, tuple[Structure, str, bool, str]] = {}
        """Each structure, its size, whether it can be edited, and the theme, as its row shows them."""
        self._wanted = ""
        self.setColumnCount(4)
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIconSize(swatch_size())
        self.setAccessibleName("Structures")
        set_tooltip(
            self,
            "Structures. Click one to see it alone and to add to it (Shift-click in the picture) or take from it "
            "(Ctrl-click); G adds or takes only the piece under the mouse. Double-click, Enter or F2 renames, the eye "
            "or the space bar hides, the lock freezes, Delete removes, the menu key has the rest; drag one on another "
            "to put it inside. Type to search.",
        )
        self.setMinimumHeight(LEAST_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setEditTriggers(self.EditTrigger.DoubleClicked | self.EditTrigger.EditKeyPressed)
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
        self.itemCollapsed.connect(lambda row: self._folded.add(row.data(NAME, ID)))
        self.itemExpanded.connect(lambda row: self._folded.discard(row.data(NAME, ID)))

    @property
    def count(self) -> int:
        """How many structures there are, listed or not."""
        return len(self._rows)

    @property
    def hits(self) -> list[QTreeWidgetItem]:
        """The rows whose name holds what is searched for, from top to bottom; all of them where nothing is."""
        return [row for row in self._items() if self._wanted in row.text(NAME).casefold()]

    @property
    def in_sight(self) -> list[int]:
        """The structures whose rows are in sight."""
        seen = self.viewport().rect()
        return [row.data(NAME, ID) for row in self._items() if self.visualItemRect(row).intersects(seen)]

    def show_picture(self, one: Structure, picture: QPixmap) -> None:
        """Show the thumbnail of a structure in its row."""
        if self._pictures.get(one.id) is picture:
            return
        self._pictures[one.id] = picture
        before = self.blockSignals(True)
        if one.id in self._rows:
            self._paint(self._rows[one.id], one)
        self.blockSignals(before)

    def forget_pictures(self) -> None:
        """Show no thumbnails until there are new ones: another project has structures of the same ids."""
        self._pictures.clear()

    def search(self, text: str) -> None:
        """List only structures whose name holds `text`, and those they lie inside; for no text all."""
        self._wanted = text.strip().casefold()
        shown = set[int]()
        for hit in self.hits:
            row: QTreeWidgetItem | None = hit
            while row is not None:
                shown.add(row.data(NAME, ID))
                row = row.parent()
        for row in self._items():
            row.setHidden(row.data(NAME, ID) not in shown)
        self._unfold()

    def neighbour(self, structure: int) -> int | None:
        """The structure in the row below that of `structure` and of what lies inside it, else in the row above."""
        row = self._rows.get(structure)
        if row is None:
            return None
        above = row.parent() or self.invisibleRootItem()
        below = [above.child(number) for number in range(above.indexOfChild(row) + 1, above.childCount())]
        near = next((one for one in below if one and not one.isHidden()), None) or self.itemAbove(row)
        return None if near is None else int(near.data(NAME, ID))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What can be done with the mouse is done by key, too; letters begin a search."""
        row = self.currentItem()
        if self.state() == self.State.EditingState:  # Enter comes from the editor of a name, which deals with it
            super().keyPressEvent(event)
        elif event.matches(QKeySequence.StandardKey.Undo):
            self.undo_requested.emit()
        elif event.matches(QKeySequence.StandardKey.Redo):
            self.redo_requested.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        elif row is not None and event.key() in ROW_KEYS:
            self._press(event.key(), row)
        elif _is_text(event):
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Show the thumbnail larger where the mouse rests on a name."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            row = self.itemAt(event.pos())
            picture = self._pictures.get(row.data(NAME, ID)) if row is not None else None
            if row is not None and picture is not None:
                before = self.blockSignals(True)
                row.setToolTip(NAME, picture_tooltip(picture, f"{row.text(NAME)}: a typical place, outlined"))
                self.blockSignals(before)
        return bool(super().viewportEvent(event))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Let the menu key open the menu at the chosen row."""
        row = self.currentItem()
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        place = self.visualItemRect(row).center() if by_key and row is not None else event.pos()
        self.customContextMenuRequested.emit(place)

    def sizeHint(self) -> QSize:
        """As high as its rows, within limits: what is below stays in sight while there are few."""
        rows = self.count * (self.sizeHintForRow(0) if self.count else 0) + 2 * self.frameWidth()
        return QSize(super().sizeHint().width(), min(max(rows, LEAST_HEIGHT), USUAL_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Say how the first structure is made while there is none."""
        super().paintEvent(event)
        if self.isEnabled() and not self.topLevelItemCount():
            paint_hint(self, EMPTY)

    def set_theme(self, theme: str) -> None:
        """Draw eyes and locks so that they are seen in a theme; they change with the next `show_structures`."""
        self._theme = theme
        self._icons.clear()

    def show_structures(
        self, annotation: Annotation | None, sizes: Mapping[int, str], active: int | None, editable: bool
    ) -> None:
        """List the structures of `annotation` with the words for their `sizes`, the active one chosen.

        Rows stay, and only what is shown differently is drawn anew: an edit waits for this.
        """
        self.blockSignals(True)
        structures = list(annotation.structures.values()) if annotation is not None else []
        self._keep_rows(structures)
        for one in structures:
            wanted, row = (one, sizes.get(one.id, ""), editable, self._theme), self._rows[one.id]
            if self._shown.get(one.id) != wanted or row.text(NAME) != one.name:  # a name that was typed and refused
                self._fill(row, one, *wanted[1:3])
                self._shown[one.id] = wanted
        self.search(self._wanted)
        self.blockSignals(False)
        self.select(active)
        self.updateGeometry()

    def select(self, structure: int | None) -> None:
        """Choose the row of a structure, or none, and tell nobody."""
        self.blockSignals(True)
        if structure in self._rows:
            self.setCurrentItem(self._rows[structure])
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

    def _unfold(self) -> None:
        """Show what lies inside structures that were not folded by hand; what is found is never folded away."""
        before = self.blockSignals(True)
        for row in self._items():
            row.setExpanded(bool(self._wanted) or row.data(NAME, ID) not in self._folded)
        self.blockSignals(before)

    def _press(self, key: int, row: QTreeWidgetItem) -> None:
        if key == Qt.Key.Key_Delete:
            self.remove_requested.emit(row.data(NAME, ID))
        elif key == Qt.Key.Key_Space:
            self.show_toggled.emit(row.data(NAME, ID))
        else:
            self.editItem(row, NAME)

    def _keep_rows(self, structures: Sequence[Structure]) -> None:
        """Have one row for each structure, inside that of its parent; all are made anew if any but the last differ."""
        before = [(one.id, one.parent) for one, *_ in self._shown.values()]
        outline = [(one.id, one.parent) for one in structures]
        if before[: len(outline)] == outline:
            for number, _ in reversed(before[len(outline) :]):
                row = self._rows.pop(number)
                (row.parent() or self.invisibleRootItem()).removeChild(row)
                del self._shown[number]
        elif outline[: len(before)] != before:
            self.clear()
            self._rows.clear()
            self._shown.clear()
        waiting = [one for one in structures if one.id not in self._rows]
        while waiting:
            one = waiting.pop(0)
            if one.parent is not None and one.parent not in self._rows:
                waiting.append(one)
                continue
            row = self._rows[one.id] = QTreeWidgetItem()
            row.setData(NAME, ID, one.id)
            (self.invisibleRootItem() if one.parent is None else self._rows[one.parent]).addChild(row)

    def _fill(self, row: QTreeWidgetItem, one: Structure, size: str, editable: bool) -> None:
        row.setText(NAME, one.name)
        row.setText(SIZE, size)
        flag = Qt.ItemFlag.ItemIsEditable
        row.setFlags(row.flags() | flag if editable else row.flags() & ~flag)
        self._paint(row, one)
        row.setTextAlignment(SIZE, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.setIcon(EYE, self._small_icon("visibility" if one.visible else "visibility_off"))
        row.setIcon(LOCK, self._small_icon("lock" if one.locked else "lock_open"))
        row.setToolTip(EYE, "Hide it" if one.visible else "Show it")
        row.setToolTip(LOCK, "Let it change again" if one.locked else "Freeze it: nothing takes voxels from it")

    def _small_icon(self, name: str) -> QIcon:
        """An icon of the theme that is no larger in the rows of thumbnails."""
        if name not in self._icons:
            self._icons[name] = QIcon(theme_icon(name, self._theme).pixmap(SMALL, SMALL))
        return self._icons[name]

    def _paint(self, row: QTreeWidgetItem, one: Structure) -> None:
        """Draw the colour of a structure and, if it is there, its thumbnail."""
        row.setIcon(NAME, swatch_icon(one.colour, self._pictures.get(one.id)))

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


def _is_text(event: QKeyEvent) -> bool:
    """Whether a key writes something and is no command."""
    held = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
    return not held and bool(event.text().strip()) and event.text().isprintable()
