"""The process of one job, which reports to `job_runner` over standard output.

A process and not a thread, because importing torch alone holds Python's lock for 140–470 ms and a thread that trains
keeps taking it; at nice 10 the window's timers stay within 8 ms. It also outlives nothing it should not: when the
window goes, standard input ends and the job is cancelled at its next yield.

This module imports neither Qt nor napari; torch comes with the job.
"""

import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any, TextIO

from napari_hypseg._qt.jobs.serialization import decode, encode
from napari_hypseg.errors import HypsegError
from napari_hypseg.jobs import Command, Job, Progress

NICENESS = 10
EVENT_INTERVAL = 0.05
BELOW_NORMAL_PRIORITY_CLASS = 0x4000

Send = Callable[[Any], None]


class CancelledError(Exception):
    """The window asked for the job to be dropped, or is gone."""


class Control:
    """What the window last asked for; read by the job at its yields, written by the thread that listens."""

    def __init__(self) -> None:
        self.view: Any = None
        self._words = threading.Condition()
        self._paused = self._stopping = self._cancelled = False

    def listen(self, lines: TextIO) -> None:
        """Follow the window's words until there are no more, which means that the window has gone."""
        for line in lines:
            with suppress(ValueError):
                self.obey(decode(line))
        self.obey({"command": "cancel"})

    def obey(self, message: dict[str, Any]) -> None:
        """Take note of one message."""
        with self._words:
            self.view = message.get("view", self.view)
            match message.get("command"):
                case "pause":
                    self._paused = True
                case "resume":
                    self._paused = False
                case "stop":
                    self._paused, self._stopping = False, True
                case "cancel":
                    self._cancelled = True
            self._words.notify_all()

    def take_turn(self) -> Command | None:
        """Stand still while paused, then say what the job should be told; to stop, it is told at every yield.

        Raises
        ------
        CancelledError
            If the job is to end here.
        """
        with self._words:
            self._words.wait_for(lambda: self._cancelled or not self._paused)
            if self._cancelled:
                raise CancelledError
            return Command.STOP if self._stopping else None


class Reporter:
    """Sends a job's events, `Progress` at most every `EVENT_INTERVAL` seconds and the last of each stage always."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._sent_at = 0.0
        self._held: Progress | None = None

    def report(self, event: Any) -> None:
        """Send `event` now, or hold it back until a later one shows that it is needed."""
        held, self._held = self._held, None
        if isinstance(event, Progress) and time.monotonic() - self._sent_at < EVENT_INTERVAL:
            if held is not None and held.stage != event.stage:
                self._send({"event": held})
            self._held = event
            return
        if held is not None and not (isinstance(event, Progress) and held.stage == event.stage):
            self._send({"event": held})
        if isinstance(event, Progress):
            self._sent_at = time.monotonic()
        self._send({"event": event})

    def flush(self) -> None:
        """Send what is held back."""
        if self._held is not None:
            self._send({"event": self._held})
        self._held = None


def requested(request: dict[str, Any], control: Control) -> Job[Any]:
    """Job that a request names as ``{"job": "module:function", "arguments": {...}}``; imported at its first step."""
    module, _, name = request["job"].partition(":")
    result: Any = yield from getattr(import_module(module), name)(control, **request["arguments"])
    return result


def run(job: Job[Any], control: Control, send: Send) -> None:
    """Drive `job` to one of its ends and send exactly one closing message."""
    reporter = Reporter(send)
    try:
        result = _drive(job, control, reporter)
        reporter.flush()
        send({"result": result})
    except CancelledError:
        send({"cancelled": True})
    except HypsegError as error:
        send({"error": str(error)})
    except Exception as error:  # whatever else happens must reach the log, never the screen
        send({"error": f"{type(error).__name__}: {error}", "details": traceback.format_exc()})


def _drive(job: Job[Any], control: Control, reporter: Reporter) -> Any:
    answer: Command | None = None
    try:
        while True:
            reporter.report(job.send(answer))
            answer = control.take_turn()
    except StopIteration as finished:
        return finished.value
    finally:
        job.close()


def lower_priority() -> None:
    """Let the window go first wherever the two want the same core."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    elif sys.platform == "win32":
        import ctypes

        ctypes.windll.kernel32.SetPriorityClass(ctypes.windll.kernel32.GetCurrentProcess(), BELOW_NORMAL_PRIORITY_CLASS)


def _own_stdout() -> TextIO:
    """Standard output for messages alone: whatever a library prints goes to standard error instead."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return channel


def main() -> None:
    """Read one request, run it and leave."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    channel = _own_stdout()
    lower_priority()
    request = decode(sys.stdin.readline())
    control = Control()
    threading.Thread(target=control.listen, args=(sys.stdin,), daemon=True).start()

    def send(message: Any) -> None:
        channel.write(encode(message) + "\n")
        channel.flush()

    with suppress(BrokenPipeError):
        run(requested(request, control), control, send)
    logging.shutdown()
    os._exit(0)  # everything is on disk; taking torch apart would only make the window wait


if __name__ == "__main__":
    main()
