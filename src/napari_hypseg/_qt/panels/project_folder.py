"""Where the project of the ticked volumes is kept, with buttons to keep it elsewhere, copy it, and open another one."""

from collections.abc import Callable
from pathlib import Path

from qtpy.QtCore import Qt
from qtpy.QtGui import QAction
from qtpy.QtWidgets import QFileDialog, QFormLayout, QLabel, QWidget

from napari_hypseg._napari.layer_project import PROJECT_SUFFIX
from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import SAVE_AS
from napari_hypseg._qt.controllers.projects import ProjectController
from napari_hypseg._qt.controllers.save_as import SaveAsController
from napari_hypseg._qt.layers.specimen_model import SpecimenModel
from napari_hypseg._qt.notifications import reporting_errors
from napari_hypseg._qt.panels.recent_menu import RecentMenu
from napari_hypseg._qt.widgets.controls import button, row, set_enabled, set_tooltip
from napari_hypseg._qt.widgets.job_controls import JobControls

NARROW = 60
PATH_WIDTH = 205


class ProjectFolder:
    """The rows of a form; they are added to it by `add_to`.

    Parameters
    ----------
    specimens, activity, projects, saving
        What is ticked, what is under way, and what opens and copies projects.
    save_to
        Lets the project at hand be copied to a folder.
    picks
        Opens picks of another program; an entry of the menu that opens projects.
    parent
        Of dialogs.
    """

    def __init__(
        self, specimens: SpecimenModel, activity: Activity, projects: ProjectController, saving: SaveAsController,
        save_to: Callable[[Path], object], picks: QAction, parent: QWidget,
    ) -> None:  # fmt: skip
        self._specimens, self._projects, self._saving, self._parent = specimens, projects, saving, parent
        self._save_to = save_to
        self._path = QLabel()
        self._path.setMinimumWidth(NARROW)
        self.change = button(
            "Keep elsewhere…",
            "Choose the folder in which regions, levels and colours are kept as you work.",
            self._ask_folder,
        )
        self.save_as = button(
            "Save as…",
            "Copies the open project, with everything that was edited, to another folder and goes on in the copy; the "
            "picture stays as it is.",
            self._ask_target,
        )
        self.open = button(
            "Open",
            "Brings an earlier project back: its volume, regions, levels and colours as left. Or opens particles that "
            "another program has picked.",
            lambda: None,
        )
        self.menu = RecentMenu(projects.recent, self._ask_project, projects.open, picks, self.open)
        self.open.setMenu(self.menu)
        self.job = JobControls(activity, SAVE_AS, cancel="Ends the copying; no half-written project is left.")

    def add_to(self, form: QFormLayout) -> None:
        """Add the rows."""
        form.addRow("Project", self._path)
        form.addRow(row(self.open, self.save_as, self.change))
        form.addRow(self.job)

    def refresh(self, busy: str | None) -> None:
        """Show the folder; nothing can be changed while work is under way."""
        chosen = bool(self._specimens.ticked)
        folder = str(self._specimens.project_folder) if chosen else "—"
        elided = self._path.fontMetrics().elidedText(folder, Qt.TextElideMode.ElideMiddle, PATH_WIDTH)
        self._path.setText(elided)
        set_tooltip(self._path, f"Regions, levels and colours are kept in {folder} as you work.")
        set_enabled(self.change, busy or (None if chosen else "no volume is ticked."))
        set_enabled(self.save_as, busy or self._saving.reason)
        set_enabled(self.open, busy)
        self.job.setVisible(self.job.under_way)

    def _ask_folder(self) -> None:
        chosen = self._ask_path("Keep the project in", self._specimens.project_folder)
        if chosen is not None:
            self._specimens.set_project_folder(chosen)

    def _ask_target(self) -> None:
        project = self._saving.project
        chosen = None if project is None else self._ask_path("Save the project as", project)
        if chosen is not None and chosen != project:
            self._save_to(chosen)

    def _ask_path(self, title: str, suggested: Path) -> Path | None:
        chosen, _ = QFileDialog.getSaveFileName(
            self._parent,
            title,
            str(suggested),
            f"hypseg project (*{PROJECT_SUFFIX})",
            options=QFileDialog.Option.DontConfirmOverwrite,
        )
        if not chosen:
            return None
        path = Path(chosen)
        return path if path.suffix == PROJECT_SUFFIX else path.with_name(path.name + PROJECT_SUFFIX)

    def _ask_project(self) -> None:
        beside = str(self._specimens.project_folder.parent)
        chosen = QFileDialog.getExistingDirectory(self._parent, "Open a project (NAME.hypseg)", beside)
        if chosen:
            with reporting_errors():
                self._projects.open(Path(chosen))
