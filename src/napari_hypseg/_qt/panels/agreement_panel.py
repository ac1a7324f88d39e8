"""Agreement with labels that a person has: which labels, and a row for each class that follows slider and edits."""

import time
from collections.abc import Callable
from functools import partial
from html import escape

from napari.layers import Image, Labels
from qtpy.QtCore import QModelIndex
from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from napari_hypseg._qt.controllers.agreement import AgreementController, LabelsChoice
from napari_hypseg._qt.layers.layer_events import single_shot
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.notifications import reporting_errors
from napari_hypseg._qt.panels.agreement_rows import agreement_rows, classes_text
from napari_hypseg._qt.widgets.agreement_model import SHOWN, UNION, AgreementModel
from napari_hypseg._qt.widgets.agreement_view import AgreementView
from napari_hypseg._qt.widgets.controls import button, row, set_enabled, set_tooltip
from napari_hypseg._qt.widgets.data_combo import fill
from napari_hypseg.structures.agreement import Agreement

NONE = -1
PACE_MS = 40
"""Time between two looks at what is shown, at least."""
SHARE = 4
"""So many times as long as the last look took, the next one waits: many classes do not slow the slider down."""
NO_LABELS = (
    "no open layer holds labels: open some of the same volume; an image of labels becomes such a layer by right click "
    "› Convert to Labels."
)
HINT = "Open labels of the same volume, or choose a layer that holds some, to see how well the picture agrees."


class AgreementPanel(QWidget):
    """Looks at what is shown only while the panel is seen."""

    def __init__(self, model: WindowModel, agreement: AgreementController) -> None:
        super().__init__()
        self._model, self._agreement = model, agreement
        self._offered: list[Labels | Image] = []
        self._shown: Agreement | None = None
        self._pace = single_shot(self, self._look, PACE_MS)
        self.labels, self.specimen = QComboBox(), QComboBox()
        self.together = QCheckBox("All labels as one")
        self.labelled_only = QCheckBox("0 is unlabelled")
        self.summary = QLabel(HINT)
        self.cancel = button("Cancel", "Ends the counting; no labels are compared then.", self._cancel)
        self.rows = AgreementModel()
        self.table = AgreementView(self.rows)
        self._set_tooltips()
        self._lay_out()
        for chosen in (self.labels.activated, self.specimen.activated, self.together.toggled):
            chosen.connect(self._choose)
        self.labelled_only.toggled.connect(self._choose)
        self.table.clicked.connect(self._click)
        self.table.activated.connect(self._click)
        agreement.counted.connect(self.refresh)
        agreement.shown_changed.connect(self._hurry)
        agreement.layers_changed.connect(self.list_choices)
        for changed in (model.project_changed, model.selection_changed, model.opacity_changed):
            changed.connect(self.list_choices if changed is model.project_changed else self._hurry)
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what has changed unseen."""
        super().showEvent(event)
        self.list_choices()

    def list_choices(self) -> None:
        """Offer what there is now; what was chosen stays chosen. Unseen, no layer is looked into."""
        if not self.isVisible():
            return
        choice, named = self._agreement.choice, self._agreement.layers()
        self._offered = [layer for _, layer in named]
        records = self._model.project.records if self._model.project is not None else ()
        fill(self.labels, {NONE: "none", **{number: name for number, (name, _) in enumerate(named)}})
        number = next((n for n, layer in enumerate(self._offered) if choice and layer is choice.layer), NONE)
        self.labels.setCurrentIndex(self.labels.findData(number))
        fill(self.specimen, {number: record.name for number, record in enumerate(records)})
        self._rows.setRowVisible(self.specimen, len(records) > 1)
        self.refresh()

    def refresh(self) -> None:
        """Say how far the counting is, or show what was counted."""
        agreement = self._agreement
        nothing = "there are no regions yet: train first." if self._model.tree is None else None
        none = None if self._offered else NO_LABELS
        unchosen = None if agreement.choice is not None else "no labels are chosen."
        set_enabled(self.labels, nothing or none)
        for control in (self.together, self.labelled_only):
            set_enabled(control, nothing or unchosen)
        self.cancel.setVisible(agreement.progress is not None)
        self.table.setVisible(agreement.counts is not None)
        if agreement.progress is not None:
            self.summary.setText(f"Counting voxels: {agreement.progress.fraction or 0:.0%}")
        elif agreement.counts is None:
            self.summary.setText(escape(agreement.problem) or HINT)
        self._look()

    def _hurry(self) -> None:
        """Look again soon, however fast the slider moves."""
        if not self._pace.isActive():
            self._pace.start()

    def _look(self) -> None:
        """Show the agreement of what is shown now."""
        if self._agreement.counts is None or not self.isVisible():
            return
        began = time.perf_counter()
        self._shown = found = self._agreement.agreement()
        if found is None:
            return
        notes = "".join(f"<br>{escape(note)}" for note in self._agreement.notes)
        self.summary.setText(f"<b>Matched Dice {found.matched_dice:.3f}</b>, mean of {classes_text(found)}{notes}")
        self.rows.show(agreement_rows(found, self._agreement, self._model))
        self._pace.setInterval(max(PACE_MS, round(SHARE * 1000 * (time.perf_counter() - began))))

    def _choose(self, *_: object) -> None:
        number = self.labels.currentData()
        with reporting_errors():
            if number is None or number == NONE:
                self._agreement.choose(None)
            else:
                self._agreement.choose(
                    LabelsChoice(
                        self._offered[number], max(0, self.specimen.currentIndex()), self.together.isChecked(),
                        self.labelled_only.isChecked(),
                    )
                )  # fmt: skip

    def _cancel(self) -> None:
        self._agreement.choose(None)
        self.list_choices()

    def _click(self, index: QModelIndex) -> None:
        """Select what the number that was clicked is about; the best node beside it."""
        if self._shown is None or self._agreement.counts is None or not index.isValid():
            return
        matched = self._shown.classes[index.row()].matched
        actions: dict[int, Callable[[], None]] = {UNION: partial(self._agreement.select_best_union, index.row())}
        if matched is not None:
            actions[SHOWN] = partial(self._agreement.select_shown, matched)
        with reporting_errors():
            actions.get(index.column(), partial(self._agreement.select_best_node, index.row()))()

    def _set_tooltips(self) -> None:
        set_tooltip(
            self.labels,
            "Labels to compare the picture with: a layer of the same volume. Drop a file onto the picture to open it.",
        )
        set_tooltip(self.specimen, "Which of the specimens the labels are about.")
        set_tooltip(
            self.together, "Takes all labels above 0 for one class, for instance where each object has a label of its "
            "own.",
        )  # fmt: skip
        set_tooltip(self.labelled_only, "Leaves voxels of label 0 out of every number, where only a part was labelled.")
        self.summary.setWordWrap(True)
        self.summary.setMinimumWidth(1)

    def _lay_out(self) -> None:
        choices = QWidget()
        self._rows = QFormLayout(choices)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for title, box in (("Labels", self.labels), ("Specimen", self.specimen)):
            box.setAccessibleName(title)
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            self._rows.addRow(title, box)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 0, 0, 0)
        layout.setSpacing(4)
        for part in (choices, row(self.together, self.labelled_only), self.summary, self.cancel, self.table):
            layout.addWidget(part)
