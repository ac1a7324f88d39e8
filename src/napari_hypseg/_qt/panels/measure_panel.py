"""Counting and measuring: what to measure on the left, the count and the table on the right."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from napari.utils.notifications import show_info
from qtpy.QtCore import QItemSelection, QSize, Qt
from qtpy.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from napari_hypseg._napari.measured_layers import centroids
from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.controllers.measure import MeasureController
from napari_hypseg._qt.controllers.pieces_preview import PiecesPreview
from napari_hypseg._qt.controllers.structures import StructureController
from napari_hypseg._qt.jobs.tasks import ThreadTask
from napari_hypseg._qt.layers.measured_view import MeasuredView, read_ids
from napari_hypseg._qt.layers.piece_clicks import PieceClicks
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.notifications import reporting_errors, show_exception
from napari_hypseg._qt.panels.measure_form import MeasureForm
from napari_hypseg._qt.panels.preview_words import preview_count, preview_details
from napari_hypseg._qt.widgets.controls import button, row, set_enabled, set_tooltip
from napari_hypseg._qt.widgets.measurement_model import MeasurementModel
from napari_hypseg._qt.widgets.measurement_view import MeasurementView
from napari_hypseg._qt.widgets.tab_order import tab_in_reading_order
from napari_hypseg.structures.measurement_summary import count_words, summary_words

FORM_WIDTH = 300
SIZE, LEAST_HEIGHT = QSize(900, 290), 230
NOTHING = "Nothing measured yet"
HINT = "Choose what to measure, then press Measure."
FILTER = "Filter: a name, or volume > 100; voxels < 5000"


class MeasurePanel(QWidget):
    """The count first, then the table; a row that is chosen is flown to and stands out."""

    def __init__(
        self,
        model: WindowModel,
        activity: Activity,
        measuring: MeasureController,
        structures: StructureController,
        view: MeasuredView,
        preview: PiecesPreview,
        clicks: PieceClicks,
    ) -> None:
        super().__init__()
        self._model, self._measuring, self._structures, self._view = model, measuring, structures, view
        self._preview, self._from_picture = preview, False
        self.form = MeasureForm(model, activity)
        self.count, self.details = QLabel(NOTHING), QLabel(HINT)
        self.filter, self.rows = QLineEdit(), MeasurementModel()
        self.table = MeasurementView(self.rows)
        self.csv = button("CSV…", "Writes the rows shown, in their order, for a spreadsheet.", self._ask_csv)
        self.pieces = button(
            "Pieces as layer",
            "Adds a layer in which every piece has a colour and its id; a click on a piece there chooses its row.",
            self._click_pieces,
        )
        self.points = button(
            "Centroids as points", "Adds a point for each row shown, with all that was measured.", self._show_points
        )
        self._lay_out()
        self.form.requested.connect(self._measure)
        self.form.preview_changed.connect(self._want_preview)
        preview.changed.connect(self._show_preview)
        clicks.clicked.connect(self._choose_piece)
        self.filter.textChanged.connect(self._filter)
        self.table.selectionModel().selectionChanged.connect(self._follow_row)
        measuring.measured.connect(self._take_measured)
        for changed in (model.structures_changed, model.cut_changed):
            changed.connect(self._describe)
        self.refresh()

    def sizeHint(self) -> QSize:
        """Low, so that the picture keeps its room."""
        return SIZE

    def choose_active(self) -> None:
        """Choose the pieces of the active structure, if there is one."""
        if self._model.active is not None:
            self.form.choose_pieces_of(self._model.active.id)

    def refresh(self) -> None:
        """Show what was measured last."""
        state = self._measuring.state
        if state is not None:
            self.table.show_table(state.report.table)
        self._describe()
        if state is not None and self._view.pieces(state.project, state.choice.specimen, state.choice.structure):
            self._show_pieces()  # ids of one structure belong to one table

    def _take_measured(self) -> None:
        """The table takes the place of a preview, whose layer shows the pieces that were measured from now on."""
        if self._preview.wanted is not None:
            self._preview.stop()
        else:
            self.refresh()

    def _want_preview(self) -> None:
        """Preview what the form says now."""
        choice = self.form.choice()
        with reporting_errors():
            if self.form.preview.isChecked() and choice.in_pieces:
                self._preview.want(choice, self.form.settings())
            else:
                self._preview.stop()

    def _show_preview(self) -> None:
        """Show the pieces that were found, or what was measured before where no preview is wanted any more."""
        wanted, found = self._preview.wanted, self._preview.found
        if wanted is None:
            self.form.preview.setChecked(False)
            self.refresh()
            self._view.end_preview(keep=self._measured_layer())
        elif found is not None and self._preview.ready:
            choice = wanted.choice
            ids = found.shown(wanted.smallest)
            self._view.preview_pieces(wanted.project, choice.specimen, choice.structure, ids)
        self._describe()

    def _measured_layer(self) -> Any:
        """The layer that shows, or is about to show, the pieces that were measured."""
        state = self._measuring.state
        if state is None:
            return None
        return self._view.pieces(state.project, state.choice.specimen, state.choice.structure)

    def _choose_piece(self, layer: Any, piece: int) -> None:
        """Choose the row of a piece that was clicked in the picture, which stays as it is."""
        state = self._measuring.state
        if state is None or layer is not self._measured_layer() or self._preview.wanted is not None:
            return
        rows = np.flatnonzero(state.report.table["id"] == piece)
        place = self.rows.place_of(int(rows[0])) if len(rows) else None
        self._from_picture = True
        self._view.show_piece(layer, None)
        if place is not None and place.isValid():
            self.table.selectRow(place.row())
            self.table.scrollTo(place)
        else:
            self.table.clearSelection()
            if place is not None:
                show_info(f"Piece {piece} is left out by the filter of the table.")
        self._from_picture = False

    def _describe(self) -> None:
        """Say the count, and whether it still holds."""
        if self._preview.wanted is not None:
            self.count.setText(preview_count(self._preview))
            self.details.setText(preview_details(self._preview))
            return
        state = self._measuring.state
        report = state.report if state is not None else None
        self.count.setText(count_words(report.table, report.what) if report is not None else NOTHING)
        words = list(summary_words(report.table, report.what, report.n_small)) if report is not None else [HINT]
        if report is not None and len(self.rows.shown()) < len(report.table):
            words.insert(0, f"{len(self.rows.shown())} shown")
        outdated = state.problem(self._model) if state is not None else None
        if outdated:
            words.append(f"<b>{outdated}: measure again</b>")
        self.details.setText(", ".join(words))
        nothing = "nothing is measured yet." if report is None else None
        none = "there is no row." if report is not None and not len(report.table) else None
        whole = None if report is None or report.what.in_pieces else "only pieces make a layer: measure those."
        set_enabled(self.filter, nothing)
        set_enabled(self.csv, nothing or none)
        set_enabled(self.points, nothing or none)
        set_enabled(self.pieces, nothing or whole or none)

    def _measure(self, choice: Any, settings: dict[str, Any]) -> None:
        with reporting_errors():
            self._measuring.measure(choice, settings)

    def _filter(self, text: str) -> None:
        self.table.filter(text)
        self._describe()

    def _follow_row(self, chosen: QItemSelection, before: QItemSelection) -> None:
        """Fly to the chosen row and make what it stands for stand out."""
        state, row = self._measuring.state, self.table.chosen()
        if state is None or self._from_picture:
            return
        table, choice = state.report.table, state.choice
        number = None if row is None else int(table["id"][row])
        if row is not None:
            z, y, x = centroids(table)[row].tolist()
            self._view.fly_to((z, y, x))
        with reporting_errors():
            if choice.in_pieces:
                layer = self._view.pieces(state.project, choice.specimen, choice.structure)
                if layer is not None:
                    self._view.show_piece(layer, number)
            elif number is not None and choice.regions is not None:
                self._structures.select_region(choice.regions, number)
            elif number is not None:
                self._structures.activate(number)

    def _ask_csv(self) -> None:
        state = self._measuring.state
        if state is None:
            return
        name = self.count.text().replace(" ", "-").replace("/", "-") + ".csv"
        path, _ = QFileDialog.getSaveFileName(self, "CSV", str(state.project.path.parent / name), "*.csv")
        if path:
            self.write_csv(Path(path))

    def write_csv(self, path: Path) -> None:
        """Write the rows that are shown."""
        path = path if path.suffix.lower() == ".csv" else path.with_name(f"{path.name}.csv")
        told = partial(show_info, f"{path} holds the table.")
        self._measuring.write_csv(path, self.rows.shown(), lambda _: told())

    def _click_pieces(self) -> None:
        """Show the pieces, and let clicks in the picture go to them."""
        self._show_pieces(choose=True)

    def _show_pieces(self, choose: bool = False) -> None:
        state = self._measuring.state
        if state is None or not state.report.what.in_pieces:
            return
        choice, file = state.choice, state.pieces

        def show(ids: Any) -> None:
            if self._model.project is state.project and self._measuring.state is state:
                layer = self._view.show_pieces(state.project, choice.specimen, choice.structure, ids, file)
                if choose:
                    self._view.select(layer)

        ThreadTask(partial(read_ids, file.path), show, show_exception, self)

    def _show_points(self) -> None:
        state = self._measuring.state
        if state is not None:
            with reporting_errors():
                name = f"centroids of {', '.join(state.report.what.names[:1]) if state.choice.structure else 'all'}"
                self._view.show_centroids(state.project, state.choice.specimen, self.rows.shown(), name)

    def _lay_out(self) -> None:
        self.count.setStyleSheet("font-size: 18pt; font-weight: bold")
        self.count.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.details.setWordWrap(True)
        self.details.setMinimumWidth(1)
        self.setMinimumHeight(LEAST_HEIGHT)
        self.filter.setPlaceholderText(FILTER)
        self.filter.setClearButtonEnabled(True)
        self.filter.setAccessibleName("Filter")
        set_tooltip(
            self.filter, "Shows only rows whose name holds these words, or for which a comparison such as volume > 100 "
            "is true; several are set apart by semicolons.",
        )  # fmt: skip
        self.form.setFixedWidth(FORM_WIDTH)
        right = QVBoxLayout()
        right.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.count)
        head.addWidget(self.details, 1)
        right.addLayout(head)
        right.addWidget(row(self.filter, self.pieces, self.points, self.csv))
        right.addWidget(self.table, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2, 6, 6, 4)
        layout.addWidget(self.form)
        layout.addLayout(right, 1)
        tab_in_reading_order(self)
