"""Jobs on volumes that belong to no project yet: the volumes are handed to the job's process in a temporary folder."""

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject

from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import ActivityKind
from napari_hypseg._qt.jobs.job_runner import FinishReason, Outcome
from napari_hypseg._qt.jobs.tasks import Steps, StepTask, ThreadTask
from napari_hypseg._qt.notifications import show_exception
from napari_hypseg.storage.atomic import unwritable
from napari_hypseg.volumes import Specimen

if TYPE_CHECKING:
    from napari_hypseg.project.records import SpecimenRecord


class SpecimenJobs(QObject):
    """Runs one job at a time and clears its folder away, however it ended."""

    def __init__(self, activity: Activity, parent: QObject) -> None:
        super().__init__(parent)
        self._activity = activity
        self._folder: Path | None = None

    def run(
        self, kind: ActivityKind, job: str, specimens: Sequence[Specimen], at_end: Callable[[Any], Steps | None],
        **arguments: Any,
    ) -> None:  # fmt: skip
        """Begin `kind` and run `job` on `specimens`; `at_end` gets the result of a job that is done."""
        self._activity.begin(kind)
        StepTask(self._start(job, specimens, at_end, arguments), self._fail, self)

    def _start(self, job: str, specimens: Sequence[Specimen], at_end: Any, arguments: Mapping[str, Any]) -> Steps:
        self._folder = yield _temporary_folder
        records = yield partial(_keep, self._folder, specimens)
        self._activity.run(job, partial(self._finish, at_end), folder=self._folder, records=records, **arguments)

    def _fail(self, error: Exception) -> None:
        self._clear()
        self._activity.fail(error)

    def _finish(self, at_end: Callable[[Any], Steps | None], outcome: Outcome) -> Steps:
        self._clear()
        if outcome.reason is FinishReason.DONE:
            yield from at_end(outcome.result) or ()

    def _clear(self) -> None:
        """Remove what a job that did not start, or was killed, has left: large files take a while to go."""
        folder, self._folder = self._folder, None
        if folder is not None and folder.exists():
            ThreadTask(partial(shutil.rmtree, folder, ignore_errors=True), lambda _: None, show_exception, self)


def _temporary_folder() -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="hypseg-"))
    except OSError as error:
        raise unwritable(Path(tempfile.gettempdir()), error) from error


def _keep(folder: Path, specimens: Sequence[Specimen]) -> list["SpecimenRecord"]:
    """Records from which the job's process opens the specimens; voxels that are only in memory are written."""
    from napari_hypseg.project.sources import keep_source

    import_module("pandas")  # napari does at the first box, in the middle of drawing
    return [replace(keep_source(folder, i, specimen), metadata={}) for i, specimen in enumerate(specimens)]
