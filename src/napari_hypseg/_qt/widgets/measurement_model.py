"""A table of measurements as Qt's views want it: sorted and filtered with arrays, so that 10 000 rows stay fluid."""

from typing import Any

import numpy as np
from qtpy.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from napari_hypseg.structures.measurement_rows import matching_rows
from napari_hypseg.structures.measurement_table import MeasurementTable

THIN_SPACE = "\u2009"
WORDS = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
NUMBERS = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
ROLE = Qt.ItemDataRole
Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


class MeasurementModel(QAbstractTableModel):
    """Shows the rows that match the filter, in the order of the column chosen last."""

    def __init__(self) -> None:
        super().__init__()
        self.table = MeasurementTable(())
        self._rows = np.zeros(0, dtype=np.int64)
        self._filter = ""
        self._sorted: tuple[str, bool] | None = None

    def show(self, table: MeasurementTable) -> None:
        """Show another table, sorted and filtered as the one before."""
        self.beginResetModel()
        self.table = table
        self._rows = self._wanted()
        self.endResetModel()

    def filter(self, text: str) -> None:
        """Show the rows that match `text` alone, see `matching_rows`."""
        self.beginResetModel()
        self._filter = text
        self._rows = self._wanted()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; rows without a value come last, and what is selected stays so."""
        if not 0 <= column < len(self.table.columns):
            return
        self._sorted = (self.table.columns[column].key, order == Qt.SortOrder.DescendingOrder)
        self.layoutAboutToBeChanged.emit()
        before, indexes = self._rows, self.persistentIndexList()
        self._rows = self._wanted()
        places = {row: place for place, row in enumerate(self._rows.tolist())} if indexes else {}
        moved = [self.index(places[int(before[index.row()])], index.column()) for index in indexes]
        self.changePersistentIndexList(indexes, moved)
        self.layoutChanged.emit()

    def row_of(self, index: Index) -> int:
        """The row of the table that a place in the view shows."""
        return int(self._rows[index.row()])

    def place_of(self, row: int) -> QModelIndex:
        """Where in the view a row of the table is; an invalid index if it is filtered out."""
        (places,) = np.nonzero(self._rows == row)
        return self.index(int(places[0]), 0) if len(places) else QModelIndex()

    def shown(self) -> MeasurementTable:
        """The rows that are shown, in their order."""
        return self.table.take(self._rows) if self.table.columns else self.table

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """Rows that match the filter."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """Columns of the table."""
        return 0 if parent.isValid() else len(self.table.columns)

    def data(self, index: Index, role: int = ROLE.DisplayRole) -> Any:
        """The value as a person reads it; numbers stand on the right."""
        values = self.table.columns[index.column()].values
        if role == ROLE.TextAlignmentRole:
            return _alignment(values)
        return display_text(values[self._rows[index.row()]]) if role == ROLE.DisplayRole else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = ROLE.DisplayRole) -> Any:
        """Titles with their units; the tooltip says what a number is."""
        if orientation != Qt.Orientation.Horizontal or section >= len(self.table.columns):
            return None
        column = self.table.columns[section]
        shown = {
            ROLE.DisplayRole: column.heading,
            ROLE.ToolTipRole: f"<p>{column.description}</p>",
            ROLE.TextAlignmentRole: _alignment(column.values),
        }
        return shown.get(ROLE(role))

    def _wanted(self) -> Any:
        if not self.table.columns:
            return np.zeros(0, dtype=np.int64)
        known = {column.key for column in self.table.columns}
        rows = np.arange(len(self.table))
        if self._sorted is not None and self._sorted[0] in known:
            rows = self.table.order(*self._sorted)
        return rows[matching_rows(self.table, self._filter)[rows]]


def display_text(value: Any) -> str:
    """A value as it stands in a cell: five digits, thousands apart, a dash for none."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        return "yes" if value else ""
    if value != value:
        return "–"
    number = float(value)
    if number == int(number) or abs(number) >= 1e4:
        return f"{number:,.0f}".replace(",", THIN_SPACE) if abs(number) < 1e15 else f"{number:.4e}"
    return f"{number:.5g}"


def _alignment(values: Any) -> Qt.AlignmentFlag:
    return WORDS if values.dtype == object else NUMBERS
