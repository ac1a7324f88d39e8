"""The table of measurements on the screen: whole rows are chosen, columns are sorted by their heads."""

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from napari_hypseg._qt.widgets.controls import set_tooltip
from napari_hypseg._qt.widgets.measurement_model import MeasurementModel
from napari_hypseg.structures.measurement_table import MeasurementTable

ROW_SPACE = 6
ROWS_LOOKED_AT = 60
"""Rows that decide how wide a column is."""


class MeasurementView(QTableView):
    """Shows a `MeasurementModel`."""

    def __init__(self, rows: MeasurementModel) -> None:
        super().__init__()
        self.rows = rows
        self.setModel(rows)
        self.setSortingEnabled(True)
        self.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.horizontalHeader().setResizeContentsPrecision(ROWS_LOOKED_AT)
        self.setAccessibleName("Measurements")
        self.setTabKeyNavigation(False)
        set_tooltip(self, "A click on a row flies there; a click on the head of a column sorts by it.")
        side = self.verticalHeader()
        side.hide()
        side.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        side.setDefaultSectionSize(self.fontMetrics().height() + ROW_SPACE)

    def show_table(self, table: MeasurementTable) -> None:
        """Show another table in columns that are wide enough."""
        self.rows.show(table)
        self.resizeColumnsToContents()

    def chosen(self) -> int | None:
        """The row of the table that is chosen."""
        indexes = self.selectionModel().selectedRows()
        return self.rows.row_of(indexes[0]) if indexes else None

    def filter(self, text: str) -> None:
        """Show the rows that match; the one that is chosen stays so if it does."""
        chosen = self.chosen()
        self.rows.filter(text)
        place = self.rows.place_of(chosen) if chosen is not None else None
        if place is not None and place.isValid():
            self.selectRow(place.row())
