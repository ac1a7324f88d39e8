"""The table of classes on the screen, as narrow as the panel and as high as it has rows."""

from qtpy.QtCore import QEvent, QSize, Qt
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableView

from napari_hypseg._qt.widgets.agreement_model import CLASS, AgreementModel
from napari_hypseg._qt.widgets.controls import set_tooltip

ROW_SPACE = 6
NARROW = "QHeaderView::section { padding: 3px 2px; }"
"""Nothing is sorted here, so that no column needs room for an arrow."""
FEWEST_ROWS, MOST_ROWS = 2, 7
"""Rows for which there is always room, and from which on the table scrolls."""


class AgreementView(QTableView):
    """Shows an `AgreementModel`."""

    def __init__(self, rows: AgreementModel) -> None:
        super().__init__()
        self.setModel(rows)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setStyleSheet(NARROW)
        self.setAccessibleName("Agreement with labels")
        self.setTabKeyNavigation(False)
        set_tooltip(self, "A row for each class of the labels; a click on its best node selects that in the picture.")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(CLASS, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        side = self.verticalHeader()
        side.hide()
        side.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        side.setDefaultSectionSize(self.fontMetrics().height() + ROW_SPACE)
        rows.modelReset.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """As high as its rows, within limits."""
        rows = min(max(self.model().rowCount(), FEWEST_ROWS), MOST_ROWS)
        height = self.horizontalHeader().sizeHint().height() + rows * self.verticalHeader().defaultSectionSize() + 2
        return QSize(super().sizeHint().width(), height)

    def minimumSizeHint(self) -> QSize:
        """As high as it wants to be: the panel around it scrolls."""
        return QSize(super().minimumSizeHint().width(), self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        """Follow the height of the letters."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + ROW_SPACE)
            self.updateGeometry()
