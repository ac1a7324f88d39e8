"""All edits from the first to the last, those that were undone greyed; a click goes to any of them."""

from typing import Any

from qtpy.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from qtpy.QtGui import QFont, QFontMetrics, QPalette
from qtpy.QtWidgets import QAbstractItemView, QListView

from napari_hypseg._qt.controllers.structures import StructureController
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.notifications import reporting_errors
from napari_hypseg._qt.widgets.controls import set_tooltip

BEGINNING = "before the first edit"
HERE = "\u25b8 "
"""Marks where one stands, for eyes that do not tell bold from plain."""
ROWS_SHOWN, ROW_SPACE = 12, 6
WIDTH = 330
ROLE = Qt.ItemDataRole
Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


class HistoryRows(QAbstractListModel):
    """Row n is the state after n edits."""

    def __init__(self) -> None:
        super().__init__()
        self.n_done = 0
        self._words: tuple[str, ...] = ()
        self._bold = QFont()

    def show(self, done: tuple[str, ...], undone: tuple[str, ...], font: QFont) -> None:
        """Show the words of edits, those that are done and those that redo would do, in the font of a view."""
        self.beginResetModel()
        self._words, self.n_done, self._bold = (BEGINNING, *done, *undone), len(done), QFont(font)
        self._bold.setBold(True)
        self.endResetModel()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """One more than there are edits."""
        return 0 if parent.isValid() else len(self._words)

    def data(self, index: Index, role: int = ROLE.DisplayRole) -> Any:
        """The words of an edit; the present one stands out, what was undone is grey."""
        here = index.row() == self.n_done
        match role:
            case ROLE.DisplayRole:
                return f"{HERE if here else ''}{self._words[index.row()]}"
            case ROLE.FontRole if here:
                return self._bold
            case ROLE.SizeHintRole:
                return QSize(0, QFontMetrics(self._bold).height() + ROW_SPACE)
            case ROLE.ForegroundRole if index.row() > self.n_done:
                return QPalette().brush(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
            case ROLE.AccessibleDescriptionRole:
                return "present" if here else "undone" if index.row() > self.n_done else "done"
        return None


class HistoryList(QListView):
    """Follows the edits of the project at hand while it is seen; click or Enter goes to the state of a row.

    It is not brought up to date while nobody sees it; `refresh` does that before it is shown.
    """

    def __init__(self, model: WindowModel, structures: StructureController) -> None:
        super().__init__()
        self._model, self._structures, self.rows = model, structures, HistoryRows()
        self.setModel(self.rows)
        self.setUniformItemSizes(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAccessibleName("History of edits")
        set_tooltip(self, "Click an edit to see everything as it was right after it; nothing is lost by going back.")
        self.clicked.connect(self._go_to)
        self.activated.connect(self._go_to)
        for changed in (model.structures_changed, model.project_changed):
            changed.connect(self._follow)

    def sizeHint(self) -> QSize:
        """As high as the rows there are, up to a dozen."""
        rows = min(self.rows.rowCount(), ROWS_SHOWN)
        return QSize(WIDTH, rows * self.sizeHintForRow(0) + 2 * self.frameWidth() + 2)

    def refresh(self) -> None:
        """List the edits as they are now, the present one in sight."""
        structures = self._model.structures
        done = structures.steps if structures is not None else ()
        undone = structures.undone if structures is not None else ()
        self.rows.show(tuple(step.text for step in done), tuple(step.text for step in undone), self.font())
        here = self.rows.index(self.rows.n_done)
        self.setCurrentIndex(here)
        self.scrollTo(here)
        self.updateGeometry()

    def _follow(self) -> None:
        if self.isVisible():
            self.refresh()

    def _go_to(self, index: QModelIndex) -> None:
        if index.row() != self.rows.n_done:
            with reporting_errors():
                self._structures.go_to(index.row())
