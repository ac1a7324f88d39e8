"""Request after request to one job that goes on: a newer one takes the place of an older one."""

from pathlib import Path
from typing import Any

from qtpy.QtCore import QObject, Signal

from napari_hypseg._qt.jobs.job_runner import FinishReason, JobRunner, Outcome, RunState


class JobRequests(QObject):
    """Keeps a job running that answers requests.

    Parameters
    ----------
    runner
        Of its own.
    job
        Name of the job, ``module:function``, which takes the project's folder and reads requests as the view.

    Signals
    -------
    answered
        With whatever the job reports.
    failed
        With a sentence, if it has ended by itself.
    """

    answered = Signal(object)
    failed = Signal(str)

    def __init__(self, runner: JobRunner, job: str, parent: QObject) -> None:
        super().__init__(parent)
        self._runner, self._job = runner, job
        self._project = Path()
        self._number = 0
        self._pending: tuple[Path, Any] | None = None
        runner.reported.connect(self.answered)
        runner.finished.connect(self._on_finished)

    def next_number(self) -> int:
        """A number that no earlier request has."""
        self._number += 1
        return self._number

    def ask(self, project: Path, request: Any) -> None:
        """Ask; the job begins if it does not run for this project yet."""
        if self._runner.busy and self._project != project:
            self._runner.cancel()
        if self._runner.state is RunState.CANCELLING:
            self._pending = project, request  # until `_on_finished`
            return
        if not self._runner.busy:
            self._project = project
            self._runner.start(self._job, project=project)
        self._runner.show_view(request)

    def stop(self) -> None:
        """End the job."""
        self._pending = None
        if self._runner.busy:
            self._runner.cancel()

    def _on_finished(self, outcome: Outcome) -> None:
        pending, self._pending = self._pending, None
        if outcome.reason is FinishReason.FAILED:
            self.failed.emit(outcome.message)
        elif pending is not None:
            self.ask(*pending)
