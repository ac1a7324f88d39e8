"""Volumes that a project was made from and that are not where they were: noticed at opening, located by the person."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from napari_hypseg._qt.jobs.tasks import Steps, StepTask

if TYPE_CHECKING:
    from napari_hypseg._qt.session import Session
    from napari_hypseg.project.project import Project


class MissingFiles(QObject):
    """Of the project at hand.

    Signals
    -------
    missed
        With the paths of the files that are gone.
    """

    missed = Signal(object)

    def __init__(self, session: "Session") -> None:
        super().__init__(session)
        self._session = session

    def look_for(self, project: "Project") -> Steps:
        """Tell what is missing, unless the project cannot be changed anyway."""
        if not project.read_only and (gone := (yield partial(_missing, project))):
            self.missed.emit(gone)

    def locate(self, places: Sequence[Path]) -> None:
        """Look in `places`, files and folders, for what is missing, and open the project with it."""
        if self._session.project is not None:
            self._session.begin("open")
            StepTask(self._locating(self._session.project, places), self._session.give_up, self)

    def _locating(self, project: "Project", places: Sequence[Path]) -> Steps:
        yield partial(_relink, project, places)
        yield from self._session.close_project()
        yield from self._session.opening(project.path)


def _missing(project: "Project") -> list[Path]:
    from napari_hypseg.project.relinking import missing_files

    return missing_files(project)


def _relink(project: "Project", places: Sequence[Path]) -> None:
    from napari_hypseg.project.relinking import relink_missing

    relink_missing(project, places)
