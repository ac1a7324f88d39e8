"""The slider and the kept levels: what the person does with the regions of the project at hand."""

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QTimer, Signal

from napari_hypseg._qt.jobs.job_runner import FinishReason, Outcome
from napari_hypseg._qt.jobs.tasks import Steps, StepTask
from napari_hypseg._qt.layers.specimens import open_files
from napari_hypseg._qt.notifications import reporting_errors, show_exception

if TYPE_CHECKING:
    from napari_hypseg._qt.layers.project_view import ProjectView
    from napari_hypseg._qt.session import Session

SAVE_DELAY_MS = 400


class LevelController(QObject):
    """Changes project and picture together; where the slider was left is saved a little later.

    Signals
    -------
    changed
        A level was kept, renamed, removed, shown or hidden.
    """

    changed = Signal()

    def __init__(self, session: "Session") -> None:
        super().__init__(session)
        self._session = session
        self._unsaved = False
        self._see_through = True
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(SAVE_DELAY_MS)
        self._later.timeout.connect(self.save)

    def set_regions(self, n_regions: int) -> None:
        """Move the slider: the picture follows now, the disk a little later."""
        project, view = self._session.project, self._session.view
        if project is not None and view is not None:
            project.set_regions(n_regions)
            if view.follows_slider:
                view.step()
            else:
                self.show(None)
            self._unsaved = True
            self._later.start()

    def see_through(self, wanted: bool | None = None) -> None:
        """Leave the largest regions out of the picture in 3D, or not; None brings a new view up to date."""
        self._see_through = self._see_through if wanted is None else wanted
        if self._session.view is not None:
            self._session.view.see_through(self._see_through)

    def keep(self, name: str) -> None:
        """Keep what the slider shows as a level with a layer of its own.

        Raises
        ------
        SettingError
            If the name is taken.
        """
        project, view = self._session.project, self._session.view
        if project is not None and view is not None:
            view.add_level(project.keep_level(name).name)
            self.changed.emit()

    def rename(self, old: str, new: str) -> None:
        """Rename a kept level and its layers.

        Raises
        ------
        SettingError
            If the name is taken or empty.
        """
        project, view = self._session.project, self._session.view
        if project is not None and view is not None:
            project.rename_level(old, new)
            view.rename_level(old, new)
            self.changed.emit()

    def remove(self, name: str) -> None:
        """Forget a kept level and take its layers away."""
        project, view = self._session.project, self._session.view
        if project is not None and view is not None:
            project.remove_level(name)
            view.remove_level(name)
            self.changed.emit()

    def show(self, name: str | None) -> None:
        """Show a kept level in place of the slider's regions, or for None those again."""
        if self._session.view is not None:
            StepTask(self._showing(self._session.view, name), show_exception, self)

    def _showing(self, view: "ProjectView", name: str | None) -> Steps:
        if name is not None:
            view.add_level(name)
        elif not view.regions():
            yield from view.show_segmentation()
        view.show_only(name)
        self.changed.emit()

    def export(self, level: str | None, specimen: int, path: Path, format_name: str) -> None:
        """Write a kept level, or where the slider stands if `level` is None."""
        project = self._session.project
        if project is not None:
            self.save()
            self._session.begin("export")
            self._session.start(
                "export", self._exported, project=project.path, level=level, regions=project.n_regions,
                specimen=specimen, path=path, format_name=format_name, inputs=open_files(self._session.viewer.layers),
            )  # fmt: skip

    def save(self) -> None:
        """Write down where the slider was left, if it has moved."""
        project, view = self._session.project, self._session.view
        if project is not None and view is not None and self._unsaved:
            with reporting_errors():
                view.refresh_details()
                if not project.read_only:  # where the slider was left is of no use to the other program
                    project.save()
                self._unsaved = False

    def _exported(self, outcome: Outcome) -> None:
        if outcome.reason is FinishReason.DONE:
            self._session.written.emit(outcome.result)
