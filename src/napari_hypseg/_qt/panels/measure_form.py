"""What is to be measured: structures, regions or pieces, how pieces are told apart, and the way to start."""

from typing import Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QCheckBox, QComboBox, QFormLayout, QSizePolicy, QVBoxLayout, QWidget

from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import MEASURE
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.widgets.collapsible import Collapsible
from napari_hypseg._qt.widgets.config_form import Form, extra
from napari_hypseg._qt.widgets.controls import button, set_enabled, set_tooltip
from napari_hypseg._qt.widgets.data_combo import fill
from napari_hypseg._qt.widgets.job_controls import JobControls
from napari_hypseg._qt.widgets.scrolling import pass_wheel_to_parent, scrolling_down
from napari_hypseg.pipeline.measure_choice import MeasureChoice
from napari_hypseg.structures.instances import InstanceSettings

ALL, REGIONS = -1, -2
"""Choices that are no structure's id."""
NO_DISTANCE = -1


class MeasureForm(QWidget):
    """Choices, settings of pieces, and the button.

    Signals
    -------
    requested
        With the `MeasureChoice` and the settings of pieces.
    preview_changed
        Another preview is wanted, or none.
    """

    requested = Signal(object, object)
    preview_changed = Signal()

    def __init__(self, model: WindowModel, activity: Activity) -> None:
        super().__init__()
        self._model, self._activity = model, activity
        self.what, self.distance, self.specimen = QComboBox(), QComboBox(), QComboBox()
        self.basic = Form(InstanceSettings, lambda _, field: not extra(field).get("advanced"))
        self.advanced = Form(InstanceSettings, lambda _, field: bool(extra(field).get("advanced")))
        self.more = Collapsible("More about pieces", self.advanced, expanded=False, prominent=False)
        self.measure = button("Measure", "Counts and measures what is chosen; the picture stays as it is.", self._ask)
        self.preview = QCheckBox("Preview")
        self.job = JobControls(
            activity, MEASURE, cancel="Ends the measuring; what was measured before stays.",
            before=[self.preview, self.measure],
        )  # fmt: skip
        set_tooltip(
            self.preview,
            "Shows the pieces in the picture, each in a colour of its own, and counts them before anything is "
            "measured; they follow the settings.",
        )
        set_tooltip(self.what, "What gets a row: each structure, each region shown, or each piece of one structure.")
        set_tooltip(self.distance, "Adds a column: how far the nearest voxel of this structure is.")
        set_tooltip(self.specimen, "Which of the specimens is measured.")
        self._lay_out()
        self.what.currentIndexChanged.connect(self.refresh)
        for changed in (
            self.preview.toggled, self.what.currentIndexChanged, self.specimen.currentIndexChanged,
            self.basic.changed, self.advanced.changed,
        ):  # fmt: skip
            changed.connect(lambda *_: self.preview_changed.emit())
        activity.changed.connect(self.refresh)
        for changed in (model.project_changed, model.structures_changed, model.cut_changed):
            changed.connect(self.list_choices)
        self.list_choices()

    def choice(self) -> MeasureChoice:
        """What is chosen now."""
        what, names = self.what.currentData(), self._names()
        regions = self._model.cut if what == REGIONS else None
        specimen = max(0, self.specimen.currentIndex())
        return MeasureChoice(regions, names.get(what, ""), names.get(self.distance.currentData(), ""), specimen)

    def settings(self) -> dict[str, Any]:
        """How pieces are told apart."""
        return {**self.basic.values(), **self.advanced.values()}

    def choose_pieces_of(self, structure: int) -> None:
        """Choose the pieces of a structure."""
        self.what.setCurrentIndex(max(0, self.what.findData(structure)))

    def list_choices(self) -> None:
        """Offer what there is now; what was chosen stays chosen."""
        project, cut, names = self._model.project, self._model.cut, self._names()
        what = {structure: f"pieces of {name}" for structure, name in names.items()}
        if cut is not None:
            what[REGIONS] = f"the {len(cut.nodes)} regions shown"
        if names:
            what = {ALL: "all structures", **what}
        fill(self.what, what)
        fill(self.distance, {NO_DISTANCE: "none", **names})
        fill(self.specimen, {n: record.name for n, record in enumerate(project.records)} if project else {})
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Enable what is possible now and say why the rest is not."""
        busy, what = self._activity.busy, self.what.currentData()
        nothing = "there are no regions yet: train first." if self._model.tree is None else None
        whole = None if what is not None and what >= 0 else "only pieces of a structure are told apart."
        set_enabled(self.measure, nothing or busy)
        set_enabled(self.preview, nothing or busy or whole)
        set_enabled(self.what, nothing or busy)
        none = None if self._names() else "there is no structure to measure a distance to."
        set_enabled(self.distance, nothing or busy or none)
        set_enabled(self.specimen, busy or (None if self.specimen.count() > 1 else "there is only one specimen."))
        for form in (self.basic, self.advanced):
            for editor in form.editors.values():
                set_enabled(editor.widget, nothing or busy or whole)

    def _names(self) -> dict[int, str]:
        structures = self._model.structures
        return {one.id: one.name for one in structures.annotation.structures.values()} if structures else {}

    def _ask(self) -> None:
        self.requested.emit(self.choice(), self.settings())

    def _lay_out(self) -> None:
        choices = QWidget()
        rows = QFormLayout(choices)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for title, box in (("Measure", self.what), ("Distance to", self.distance), ("Specimen", self.specimen)):
            box.setAccessibleName(title)
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            rows.addRow(title, box)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(4)
        for part in (choices, self.basic, self.more):
            column.addWidget(part)
        column.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(scrolling_down(inner), 1)
        layout.addWidget(self.job)
        pass_wheel_to_parent(self)
