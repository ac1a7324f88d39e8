"""Surfaces of structures: which, how smooth, shown or saved."""

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QCheckBox, QComboBox, QFormLayout, QSizePolicy, QVBoxLayout, QWidget

from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import SURFACE
from napari_hypseg._qt.controllers.surfaces import SurfaceChoice, SurfaceController
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.notifications import reporting_errors
from napari_hypseg._qt.widgets.config_form import Form
from napari_hypseg._qt.widgets.controls import button, set_enabled, set_tooltip
from napari_hypseg._qt.widgets.data_combo import fill
from napari_hypseg._qt.widgets.job_controls import JobControls
from napari_hypseg.structures.surface_mesh import SurfaceSettings

ALL = -1


class SurfacePanel(QWidget):
    """Choices, settings and the buttons.

    Signals
    -------
    save_requested
        The person wants what is chosen as a file.
    """

    save_requested = Signal()

    def __init__(self, model: WindowModel, activity: Activity, surfaces: SurfaceController) -> None:
        super().__init__()
        self._model, self._activity, self._surfaces = model, activity, surfaces
        self.which, self.specimen = QComboBox(), QComboBox()
        self.form = Form(SurfaceSettings)
        self.alone = QCheckBox("Show them alone, in 3D")
        self.alone.setChecked(True)
        self.make = button(
            "Make", "Shows each structure as a shaded surface in its colour; earlier ones are replaced.",
            self._make,
        )  # fmt: skip
        self.save = button(
            "Save…", "Writes what is chosen above as GLB, PLY, OBJ or STL at true scale.",
            self.save_requested.emit,
        )  # fmt: skip
        self.job = JobControls(
            activity, SURFACE, cancel="Ends the making of surfaces; those that are shown stay.",
            before=[self.make, self.save],
        )  # fmt: skip
        set_tooltip(self.which, "Which structures get a surface, each with all that lies inside it.")
        set_tooltip(self.specimen, "Of which of the specimens.")
        set_tooltip(
            self.alone, "Turns to 3D and hides volumes and regions; the eyes in the layer list bring them back."
        )
        self._lay_out()
        activity.changed.connect(self.refresh)
        for changed in (model.project_changed, model.structures_changed):
            changed.connect(self.list_choices)
        self.list_choices()

    def choice(self) -> SurfaceChoice:
        """What is chosen now."""
        which = self.which.currentData()
        names = () if which in (None, ALL) else (self._names()[which],)
        return SurfaceChoice(names, max(0, self.specimen.currentIndex()), self.form.values())

    def list_choices(self) -> None:
        """Offer what there is now; what was chosen stays chosen."""
        project, names = self._model.project, self._names()
        fill(self.which, {ALL: "all structures", **names} if names else {})
        fill(self.specimen, {n: record.name for n, record in enumerate(project.records)} if project else {})
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Enable what is possible now and say why the rest is not."""
        none = None if self._names() else "there is no structure yet: click a region and press Enter."
        busy = self._activity.busy
        for control in (self.make, self.save, self.which, self.alone):
            set_enabled(control, busy or none)
        for editor in self.form.editors.values():
            set_enabled(editor.widget, busy or none)
        set_enabled(self.specimen, busy or (None if self.specimen.count() > 1 else "there is only one specimen."))

    def _names(self) -> dict[int, str]:
        structures = self._model.structures
        return {one.id: one.name for one in structures.annotation.structures.values()} if structures else {}

    def _make(self) -> None:
        with reporting_errors():
            self._surfaces.make(self.choice(), self.alone.isChecked())

    def _lay_out(self) -> None:
        choices = QWidget()
        rows = QFormLayout(choices)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for title, box in (("Surfaces of", self.which), ("Specimen", self.specimen)):
            box.setAccessibleName(title)
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            rows.addRow(title, box)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 0, 0, 0)
        layout.setSpacing(4)
        for part in (choices, self.form, self.alone, self.job):
            layout.addWidget(part)
