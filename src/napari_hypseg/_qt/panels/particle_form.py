"""Which particles: of which structure, how they are found, and on what they are counted."""

from dataclasses import replace
from typing import Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QCheckBox, QComboBox, QFormLayout, QSizePolicy, QVBoxLayout, QWidget

from napari_hypseg._qt.controllers.picks import OpenedPicks, PicksController
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.widgets.collapsible import Collapsible
from napari_hypseg._qt.widgets.config_form import Form, extra
from napari_hypseg._qt.widgets.controls import set_enabled, set_tooltip
from napari_hypseg._qt.widgets.data_combo import fill
from napari_hypseg._qt.widgets.scrolling import pass_wheel_to_parent, scrolling_down
from napari_hypseg.particles.pick_settings import PickSettings
from napari_hypseg.pipeline.preview_particles import ParticleChoice
from napari_hypseg.structures.instances import InstanceSettings

NONE, FIRST_FILE = -1, -2
"""Data of entries that are no structure: nothing, and the first file, below which the others are."""
FIRST_SPACING = 8
"""Shortest edges of a voxel between points on a surface until somebody says otherwise."""
SURFACE = "surface"


class ParticleForm(QWidget):
    """Choices and settings; whatever changes is told at once.

    Signals
    -------
    changed
        Other particles are wanted.
    """

    changed = Signal()

    def __init__(self, model: WindowModel, picks: PicksController) -> None:
        super().__init__()
        self._model, self._picks = model, picks
        self.structure, self.parent_structure, self.specimen = QComboBox(), QComboBox(), QComboBox()
        self.split_parents = QCheckBox("Part those that touch")
        self.fill_parents = QCheckBox("Fill hollow ones")
        self.picking = Form(PickSettings, lambda _, field: not extra(field).get("advanced"))
        self.surface = Form(PickSettings, lambda _, field: bool(extra(field).get("advanced")))
        self.pieces = Form(InstanceSettings)
        self.more_surface = Collapsible("More about surfaces", self.surface, expanded=False, prominent=False)
        self.more_pieces = Collapsible("More about pieces", self.pieces, expanded=False, prominent=False)
        set_tooltip(self.structure, "The structure, or the file of picks, whose particles are shown.")
        set_tooltip(
            self.parent_structure, "Counts particles on each piece of this structure, such as spikes on a virus."
        )
        set_tooltip(self.split_parents, "Parts pieces that touch at the necks between them before anything is counted.")
        set_tooltip(
            self.fill_parents, "Takes what a piece encloses as part of it, so that a shell is parted and counted whole."
        )
        set_tooltip(self.specimen, "Of which of the specimens.")
        self._lay_out()
        self.picking.editors["source"].changed.connect(self._suggest_spacing)
        for signal in (
            self.structure.currentIndexChanged, self.parent_structure.currentIndexChanged,
            self.specimen.currentIndexChanged, self.split_parents.toggled, self.fill_parents.toggled,
            self.picking.changed, self.surface.changed, self.pieces.changed,
        ):  # fmt: skip
            signal.connect(self._tell)
        for signal in (model.project_changed, model.structures_changed, picks.changed):
            signal.connect(self.list_choices)
        self.list_choices()

    def choice(self) -> ParticleChoice | None:
        """What is chosen now, None if there is no structure."""
        names, opened = self._names(), self.opened
        parent = names.get(self.parent_structure.currentData(), "")
        split, fill = (box.isChecked() and bool(parent) for box in (self.split_parents, self.fill_parents))
        counting = ParticleChoice("", max(0, self.specimen.currentIndex()), {}, {}, parent, split, fill)
        if opened is not None:
            counting = counting if opened.host is None else ParticleChoice("")
            return replace(
                counting, specimen=opened.specimen, picks=str(opened.path), file=opened.settings,
                box_size=opened.box_size, junk=tuple(sorted(self._picks.junk_of(opened))),
            )  # fmt: skip
        structure = names.get(self.structure.currentData())
        if structure is None:
            return None
        settings = {**self.picking.values(), **self.surface.values()}
        return replace(counting, structure=structure, settings=settings, pieces=self.pieces.values())

    @property
    def opened(self) -> OpenedPicks | None:
        """The file that is chosen in place of a structure."""
        number = self.structure.currentData()
        files = self._picks.files
        return files[FIRST_FILE - number] if number is not None and FIRST_FILE - len(files) < number < NONE else None

    def choose_picks(self, opened: OpenedPicks) -> None:
        """Choose a file that was opened."""
        self.list_choices()
        self.structure.setCurrentIndex(self.structure.findData(FIRST_FILE - list(self._picks.files).index(opened)))

    def choose(self, structure: int) -> None:
        """Choose a structure by its id."""
        self.structure.setCurrentIndex(max(0, self.structure.findData(structure)))

    def list_choices(self) -> None:
        """Offer what there is now; what was chosen stays chosen."""
        project, names = self._model.project, self._names()
        files = {FIRST_FILE - n: f"{one.path.name} (file)" for n, one in enumerate(self._picks.files)}
        fill(self.structure, names | files)
        fill(self.parent_structure, {NONE: "nothing", **names})
        fill(self.specimen, {n: record.name for n, record in enumerate(project.records)} if project else {})
        self.refresh()

    def refresh(self) -> None:
        """Enable what is possible now and say why the rest is not."""
        opened, names = self.opened, self._names()
        nothing = "there is no structure yet: click a region and press Enter, or open picks."
        none = None if names else nothing
        read = "particles of a file are where the file says." if opened is not None else none
        source = self.picking.editors["source"].get()
        of_surface = None if source == SURFACE else "it is about points on a surface."
        of_parting = None if source != "maxima" else "maxima part what touches by themselves."
        sized = None if source != SURFACE else "points on a surface have no diameter."
        elsewhere = "its volume is of no project." if opened is not None and opened.host is not None else None
        set_enabled(self.structure, None if self.structure.count() else nothing)
        set_enabled(self.parent_structure, none or elsewhere)
        of_file = "the file is of one volume." if opened is not None else None
        set_enabled(self.specimen, of_file or (None if self.specimen.count() > 1 else "there is only one specimen."))
        counted = None if self.parent_structure.currentData() != NONE else "choose what to count on first."
        for box in (self.split_parents, self.fill_parents):
            set_enabled(box, none or elsewhere or counted)
        for name, editor in self.picking.editors.items():
            set_enabled(editor.widget, read or (sized if name.endswith("diameter") else None))
        for editor in self.surface.editors.values():
            set_enabled(editor.widget, read or of_surface)
        for name, editor in self.pieces.editors.items():
            set_enabled(editor.widget, read or (None if name == "fill_hollow" else of_parting))

    def _names(self) -> dict[int, str]:
        structures = self._model.structures
        return {one.id: one.name for one in structures.annotation.structures.values()} if structures else {}

    def _suggest_spacing(self, *_: Any) -> None:
        """Points on a surface need a spacing: begin with a few voxels. What has no diameter is not filtered by it."""
        editors, project = self.picking.editors, self._model.project
        if editors["source"].get() != SURFACE:
            return
        editors["min_diameter"].set(0)
        editors["max_diameter"].set(None)
        if editors["spacing"].get() is None and project is not None:
            edge = min(project.records[max(0, self.specimen.currentIndex())].voxel_size)
            editors["spacing"].set(round(FIRST_SPACING * edge, 3))

    def _tell(self, *_: Any) -> None:
        self.refresh()
        self.changed.emit()

    def _lay_out(self) -> None:
        choices, counting = QWidget(), QWidget()
        rows, below = QFormLayout(choices), QFormLayout(counting)
        for form in (rows, below):
            form.setContentsMargins(0, 0, 0, 0)
            form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for form, title, box in (
            (rows, "Particles of", self.structure),
            (below, "Count on", self.parent_structure),
            (below, "Specimen", self.specimen),
        ):
            box.setAccessibleName(title)
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            form.addRow(title, box)
        below.insertRow(1, "", self.split_parents)
        below.insertRow(2, "", self.fill_parents)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(4)
        for part in (choices, self.picking, counting, self.more_pieces, self.more_surface):
            column.addWidget(part)
        column.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 0, 0, 0)
        layout.addWidget(scrolling_down(inner), 1)
        pass_wheel_to_parent(self)
