"""Saving the project at hand under another name: a copy is made in the background, and the work goes on in it."""

from pathlib import Path

from qtpy.QtCore import QObject

from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import SAVE_AS
from napari_hypseg._qt.controllers.projects import ProjectController
from napari_hypseg._qt.jobs.job_runner import FinishReason, Outcome
from napari_hypseg._qt.jobs.tasks import Steps
from napari_hypseg._qt.model import WindowModel


class SaveAsController(QObject):
    """Makes the copy and puts it at hand; edits go on meanwhile and are in the copy, too."""

    def __init__(self, model: WindowModel, activity: Activity, projects: ProjectController, parent: QObject) -> None:
        super().__init__(parent)
        self._model, self._activity, self._projects = model, activity, projects

    @property
    def project(self) -> Path | None:
        """The folder of the project at hand."""
        return None if self._model.project is None else self._model.project.path

    @property
    def reason(self) -> str | None:
        """Why there is nothing to copy, None if there is."""
        return "no project is open yet." if self._model.project is None else None

    def save(self, target: Path, overwrite: bool) -> None:
        """Copy the project at hand to the folder `target`, in place of a project there if `overwrite`."""
        project = self._model.project
        if project is not None:
            self._activity.begin(SAVE_AS)
            self._activity.run(
                "save_as", self._go_on, project=project.path, target=target.absolute(), overwrite=overwrite
            )

    def _go_on(self, outcome: Outcome) -> Steps | None:
        return self._projects.go_on_in(Path(outcome.result)) if outcome.reason is FinishReason.DONE else None
