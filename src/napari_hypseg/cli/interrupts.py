"""Ctrl-C and SIGTERM: a running job ends at its next report and keeps what it has; a second Ctrl-C ends it at once."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any, TypeVar

from napari_hypseg.errors import HypsegError
from napari_hypseg.jobs import Command, Job, drive

T = TypeVar("T")
Handler = Callable[[int, FrameType | None], None]


class StoppedError(HypsegError):
    """The person, or the machine's scheduler, asked to stop."""

    exit_code = 130


@dataclass
class StopRequest:
    """Whether somebody asked for an end."""

    asked: bool = False


def interrupt(number: int, frame: FrameType | None) -> None:
    """Signal handler that ends what is running at once."""
    raise KeyboardInterrupt


@contextmanager
def signals_handled(handler: Handler) -> Iterator[None]:
    """Let `handler` answer SIGINT and SIGTERM for a while; outside the main thread nothing is changed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
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
        if request.asked:
            raise KeyboardInterrupt
        request.asked = True

    with signals_handled(note):
        yield request


def attend(job: Job[T], show: Callable[[Any], None], *, keeps: bool = False) -> T:
    """Run `job` to its end, showing its events, and stop it when asked to.

    Parameters
    ----------
    job
        The generator; it is closed in any case.
    show
        Told every event.
    keeps
        Whether the job understands `Command.STOP`: it is then asked to finish with what it has, else it is closed.

    Raises
    ------
    KeyboardInterrupt
        After the job was stopped.
    """
    with stop_at_next_report() as request, closing(job):

        def on_event(event: Any) -> Command | None:
            show(event)
            if request.asked and not keeps:
                raise KeyboardInterrupt
            return Command.STOP if request.asked else None

        result = drive(job, on_event)
    if request.asked:
        raise KeyboardInterrupt
    return result
