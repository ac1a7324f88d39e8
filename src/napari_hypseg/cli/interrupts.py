"""Ctrl-C, SIGTERM and SIGHUP: a running job ends at its next report and keeps what it has.

A second Ctrl-C ends it at once. A terminal that goes may send SIGHUP twice, so that counts once.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any, TypeVar

from napari_hypseg.cli.display.streams import leave_terminal
from napari_hypseg.errors import HypsegError
from napari_hypseg.jobs import Command, Job, Progress, drive
from napari_hypseg.jobs.stage import Stage

T = TypeVar("T")
HANG_UP: int | None = getattr(signal, "SIGHUP", None)
"""The terminal has gone, say because the connection broke; Windows has no such signal."""
SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name))
Handler = Callable[[int, FrameType | None], None]


class StoppedError(HypsegError):
    """The person, or the machine's scheduler, asked to stop."""

    exit_code = 130


@dataclass
class StopRequest:
    """Whether an end was asked for."""

    asked: bool = False


def interrupt(number: int, frame: FrameType | None) -> None:
    """Signal handler that ends what is running at once."""
    if number == HANG_UP:
        leave_terminal()
    raise KeyboardInterrupt


@contextmanager
def signals_handled(handler: Handler) -> Iterator[None]:
    """Let `handler` answer the `SIGNALS` for a while; outside the main thread nothing is changed.

    SIGHUP stays ignored where it is, as `nohup` wants it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    answered = [number for number in SIGNALS if number != HANG_UP or signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, handler) for number in answered}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


@contextmanager
def stop_at_next_report() -> Iterator[StopRequest]:
    """Note the first request to stop instead of acting on it; a second one ends everything at once."""
    request = StopRequest()

    def note(number: int, frame: FrameType | None) -> None:
        if number == HANG_UP:
            leave_terminal()
        elif request.asked:
            raise KeyboardInterrupt
        request.asked = True

    with signals_handled(note):
        yield request


def drive_interruptible(job: Job[T], show: Callable[[Any], None], *, finishing: Stage | None = None) -> T:
    """Run `job` to its end, showing its events, and stop it when asked to.

    Parameters
    ----------
    job
        The generator; it is closed in any case.
    show
        Told every event.
    finishing
        The stage that `Command.STOP` ends early with what it has; in any other stage the job is closed.

    Raises
    ------
    KeyboardInterrupt
        After the job was stopped.
    """
    with stop_at_next_report() as request, closing(job):

        def on_event(event: Any) -> Command | None:
            show(event)
            if not request.asked:
                return None
            if finishing is None or (isinstance(event, Progress) and event.stage != finishing):
                raise KeyboardInterrupt
            return Command.STOP

        result = drive(job, on_event)
    if request.asked:
        raise KeyboardInterrupt
    return result
