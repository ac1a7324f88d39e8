"""Runs jobs beside the window.

A job runs in a process of its own (see `job_process` for why) and its events arrive through Qt's event loop. Something
short that waits for the disk runs on a thread instead (see `tasks`).
"""

import logging
import os
import sys
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from qtpy.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from napari_hypseg._qt.jobs.serialization import decode, encode

logger = logging.getLogger(__name__)

PATIENCE_MS = 8000
CLOSING_MS = 3000
KEPT_LOG = 8000


class RunState(Enum):
    """What a runner is doing."""

    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    CANCELLING = "cancelling"


class FinishReason(Enum):
    """How a job came to its end."""

    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True)
class Outcome:
    """The end of a job: `result` if it is done, one sentence in `message` if it failed."""

    reason: FinishReason
    result: Any = None
    message: str = ""


class JobRunner(QObject):
    """At most one job at a time, addressed as ``module:function``.

    The function takes the job process's `Control` and plain keyword arguments and returns a job.
    """

    state_changed = Signal(object)
    reported = Signal(object)
    finished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = RunState.IDLE
        self._process: QProcess | None = None
        self._shut_down = False
        self._outcome: Outcome | None = None
        self._log = ""

    @property
    def busy(self) -> bool:
        """Whether a job is under way."""
        return self.state is not RunState.IDLE

    def start(self, job: str, **arguments: Any) -> None:
        """Start `job` with plain `arguments`; a running one must have ended. Nothing starts after `shut_down`."""
        if self._shut_down:
            return
        if self.busy:
            raise RuntimeError("A job is already running.")
        self._outcome, self._log = None, ""
        process = QProcess(self)
        process.setProcessEnvironment(_environment())
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._read_log)
        process.finished.connect(self._end)
        process.errorOccurred.connect(self._on_process_error)
        self._process = process
        self._enter(RunState.RUNNING)
        process.start(sys.executable, ["-P", "-m", "napari_hypseg._qt.jobs.job_process"])
        self._say({"job": job, "arguments": arguments})

    def pause(self) -> None:
        """Let the job stand still at its next yield."""
        if self.state is RunState.RUNNING:
            self._command("pause", RunState.PAUSED)

    def resume(self) -> None:
        """Let a paused job go on."""
        if self.state is RunState.PAUSED:
            self._command("resume", RunState.RUNNING)

    def stop(self) -> None:
        """Ask the job to finish early and keep what it has."""
        if self.state in (RunState.RUNNING, RunState.PAUSED):
            self._command("stop", RunState.STOPPING)

    def cancel(self) -> None:
        """Drop the job at its next yield, and by force if none comes; its last checkpoint stays."""
        process = self._process
        if process is not None and self.state is not RunState.CANCELLING:
            self._command("cancel", RunState.CANCELLING)
            last_resort = QTimer(process)
            last_resort.setSingleShot(True)
            last_resort.timeout.connect(process.kill)
            last_resort.start(PATIENCE_MS)

    def show_view(self, view: Any) -> None:
        """Tell the job which slice is in view."""
        self._say({"view": view})

    def shut_down(self) -> None:
        """Cancel and wait, for when the window closes; nothing is emitted any more."""
        self._shut_down = True
        process, self._process = self._process, None
        if process is None:
            return
        for signal in (process.readyReadStandardOutput, process.readyReadStandardError, process.finished):
            signal.disconnect()
        process.errorOccurred.disconnect()
        process.closeWriteChannel()
        if not process.waitForFinished(CLOSING_MS):
            process.kill()
            process.waitForFinished(CLOSING_MS)
        self.state = RunState.IDLE

    def _command(self, word: str, state: RunState) -> None:
        self._say({"command": word})
        self._enter(state)

    def _say(self, message: Any) -> None:
        if self._process is not None:
            self._process.write((encode(message) + "\n").encode())

    def _enter(self, state: RunState) -> None:
        self.state = state
        self.state_changed.emit(state)

    def _read(self) -> None:
        while self._process is not None and self._process.canReadLine():
            self._take(decode(bytes(self._process.readLine().data())))

    def _take(self, message: dict[str, Any]) -> None:
        if "event" in message:
            self.reported.emit(message["event"])
        elif "result" in message:
            self._outcome = Outcome(FinishReason.DONE, message["result"])
        elif "cancelled" in message:
            self._outcome = Outcome(FinishReason.CANCELLED)
        elif "error" in message:
            self._outcome = Outcome(FinishReason.FAILED, message=_sentence(message))

    def _read_log(self) -> None:
        if self._process is not None:
            text = bytes(self._process.readAllStandardError().data()).decode(errors="replace")
            logger.debug("job: %s", text.rstrip())
            self._log = (self._log + text)[-KEPT_LOG:]

    def _on_process_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._end()

    def _end(self, *_: Any) -> None:
        self._read()
        process, self._process = self._process, None
        if process is None:
            return
        outcome = self._outcome or self._sudden_end()
        process.deleteLater()
        self._enter(RunState.IDLE)
        self.finished.emit(outcome)

    def _sudden_end(self) -> Outcome:
        if self.state is RunState.CANCELLING:
            return Outcome(FinishReason.CANCELLED)
        logger.error("The job's process ended without a word. Its last words were:\n%s", self._log)
        return Outcome(
            FinishReason.FAILED,
            message="The work stopped because its process was ended from outside, often for want of memory; what was "
            "saved last is kept, so close other programs or choose a smaller box, then go on.",
        )


def _sentence(message: dict[str, Any]) -> str:
    if "details" not in message:
        return str(message["error"])
    logger.error("The job failed.\n%s", message["details"])
    return (
        f"The work stopped on something unforeseen ({message['error']}); what was saved last is kept and the details "
        "are in napari's log, so please report it."
    )


def _environment() -> QProcessEnvironment:
    """This process's environment; what can be imported here can be imported there."""
    environment = QProcessEnvironment.systemEnvironment()
    environment.insert("OMP_WAIT_POLICY", "passive")
    environment.insert("PYTHONPATH", os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path if entry))
    return environment
