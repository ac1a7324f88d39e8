"""What is under way: at most one job at a time, how far it is, and why everything else has to wait."""

import gc
from collections.abc import Callable
from typing import Any

from napari.utils.notifications import show_error, show_warning
from qtpy.QtCore import QObject, Signal

from napari_hypseg._qt.activity_kinds import ActivityKind
from napari_hypseg._qt.jobs.job_runner import FinishReason, JobRunner, Outcome, RunState
from napari_hypseg._qt.jobs.tasks import Steps, StepTask
from napari_hypseg._qt.notifications import show_exception
from napari_hypseg.jobs import Notice, Progress, Stage

ENDING = "it is being ended."
NOT_RUNNING = "it is being ended or has not begun yet."


class Activity(QObject):
    """One job with its state, from the moment a person asks for it until its result is shown.

    Parameters
    ----------
    runner
        Runs the jobs.
    jobs
        Name of the module whose functions are the jobs.

    Signals
    -------
    changed
        Another thing is under way, or the job has come to another state or stage.
    progressed
        With each `Progress` of the job.
    reported
        With every other event of the job, a preview for instance; notices are shown to the person.
    """

    changed = Signal()
    progressed = Signal(object)
    reported = Signal(object)

    def __init__(self, runner: JobRunner, jobs: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.runner, self._jobs = runner, jobs
        self.kind: ActivityKind | None = None
        self.progress: Progress | None = None
        self.ending = False
        self._at_end: Callable[[Outcome], Steps | None] = lambda outcome: None
        runner.reported.connect(self._on_event)
        runner.finished.connect(self._on_finished)
        runner.state_changed.connect(lambda *_: self.changed.emit())

    @property
    def busy(self) -> str | None:
        """What is under way, as a reason why something else has to wait; None if nothing is."""
        return None if self.kind is None else self.kind.busy

    @property
    def paused(self) -> bool:
        """Whether the job stands still."""
        return self.runner.state is RunState.PAUSED

    def begin(self, kind: ActivityKind) -> None:
        """Say what is under way from now on; `run`, `fail` or `end` has to follow."""
        self.ending = False
        self.progress = Progress(kind.first_stage, 0)
        self._set(kind)

    def run(self, job: str, at_end: Callable[[Outcome], Steps | None], **arguments: Any) -> None:
        """Run a job for what was begun, then call `at_end`; failures are shown here.

        What `at_end` returns, if anything, is done step by step before the activity counts as over. What was cancelled
        before it came to its job is not run.
        """
        self._at_end = at_end
        if self.ending:
            self._on_finished(Outcome(FinishReason.CANCELLED))
        else:
            self.runner.start(f"{self._jobs}:{job}", **arguments)

    def end(self) -> None:
        """Nothing is under way any more."""
        self.progress = None
        self._set(None)

    def fail(self, error: Exception) -> None:
        """Show why what was begun cannot be done."""
        show_exception(error)
        self.end()

    def toggle_pause(self) -> None:
        """Let the job stand still at its next yield, or go on."""
        self.runner.resume() if self.paused else self.runner.pause()

    def stop(self) -> None:
        """Ask the job to finish early and keep what it has."""
        self.runner.stop()

    def cancel(self) -> None:
        """End what is under way and keep nothing of it."""
        self.ending = True
        self.runner.cancel()
        if self.kind is not None:
            self.changed.emit()

    def pause_reason(self, kind: ActivityKind) -> str | None:
        """Why `kind` cannot be paused or resumed now, None if it can."""
        if self.kind is not kind:
            return kind.idle
        return None if self.runner.state in (RunState.RUNNING, RunState.PAUSED) else NOT_RUNNING

    def stop_reason(self, kind: ActivityKind) -> str | None:
        """Why `kind` cannot be stopped early with a result, None if it can."""
        late = self.progress is not None and self.progress.stage not in kind.stoppable
        return self.pause_reason(kind) or (kind.late if late else None)

    def cancel_reason(self, kind: ActivityKind) -> str | None:
        """Why `kind` cannot be cancelled now, None if it can."""
        if self.kind is not kind:
            return kind.idle
        return ENDING if self.ending else None

    def _on_event(self, event: Any) -> None:
        if isinstance(event, Notice):
            show_warning(event.message)
        elif not isinstance(event, Progress):
            self.reported.emit(event)
        elif event.stage != Stage.PREVIEW and self.kind is not None:
            before, self.progress = self.progress, event
            if before is None or before.stage != event.stage:
                self.changed.emit()
            self.progressed.emit(event)

    def _on_finished(self, outcome: Outcome) -> None:
        StepTask(self._finishing(outcome), self.fail, self)

    def _finishing(self, outcome: Outcome) -> Steps:
        if outcome.reason is FinishReason.FAILED:
            show_error(outcome.message)
        yield from self._at_end(outcome) or ()
        self.end()

    def _set(self, kind: ActivityKind | None) -> None:
        """Meanwhile Python does not search what napari holds for garbage: that takes 180 ms."""
        gc.freeze() if kind is not None else gc.unfreeze()
        self.kind = kind
        self.changed.emit()
