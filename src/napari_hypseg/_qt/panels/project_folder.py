"""Where the project of the ticked volumes is kept, with buttons to keep it elsewhere and to open another one."""

from pathlib import Path

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFileDialog, QFormLayout, QLabel, QWidget

from napari_hypseg._napari.layer_project import PROJECT_SUFFIX
from napari_hypseg._qt.controllers.projects import ProjectController
from napari_hypseg._qt.layers.specimen_model import SpecimenModel
from napari_hypseg._qt.notifications import reporting_errors
from napari_hypseg._qt.widgets.controls import button, row, set_enabled, set_tooltip

NARROW = 60
PATH_WIDTH = 205


class ProjectFolder:
    """The rows of a form; they are added to it by `add_to`."""

    def __init__(self, specimens: SpecimenModel, projects: ProjectController, parent: QWidget) -> None:
        self._specimens, self._projects, self._parent = specimens, projects, parent
        self._path = QLabel()
        self._path.setMinimumWidth(NARROW)
        self.change = button(
            "Keep elsewhere…",
            "Choose the folder in which regions, levels and colours are kept as you work.",
            self._ask_folder,
        )
        self.open_button = button(
            "Open project…",
            "Brings an earlier project back: its volume, regions, levels and colours as left.",
            self._ask_project,
        )

    def add_to(self, form: QFormLayout) -> None:
        """Add the rows."""
        form.addRow("Project", self._path)
        form.addRow(row(self.change, self.open_button))

    def refresh(self, busy: str | None) -> None:
        """Show the folder; nothing can be changed while work is under way."""
        chosen = bool(self._specimens.ticked)
        folder = str(self._specimens.project_folder) if chosen else "—"
        elided = self._path.fontMetrics().elidedText(folder, Qt.TextElideMode.ElideMiddle, PATH_WIDTH)
        self._path.setText(elided)
        set_tooltip(self._path, f"Regions, levels and colours are kept in {folder} as you work.")
        set_enabled(self.change, busy or (None if chosen else "no volume is ticked."))
        set_enabled(self.open_button, busy)

    def _ask_folder(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self._parent,
            "Keep the project in",
            str(self._specimens.project_folder),
            f"hypseg project (*{PROJECT_SUFFIX})",
            options=QFileDialog.Option.DontConfirmOverwrite,
        )
        if chosen:
            self._specimens.set_project_folder(Path(chosen).with_suffix(PROJECT_SUFFIX))

    def _ask_project(self) -> None:
        beside = str(self._specimens.project_folder.parent)
        chosen = QFileDialog.getExistingDirectory(self._parent, "Open a project (NAME.hypseg)", beside)
        if chosen:
            with reporting_errors():
                self._projects.open(Path(chosen))
