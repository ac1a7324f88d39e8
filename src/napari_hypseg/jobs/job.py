"""The generator protocol of long work.

A job yields `Progress`, `Notice` or a stage's own frozen record at least every 0.2 s and returns its result.
Whoever drives it decides thread and display. Closing the generator cancels it; sending `Command.STOP` asks it to
finish early and return what it has.
"""

from collections.abc import Callable, Generator
from enum import Enum
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")


class Command(Enum):
    """What a driver may send to a job at a yield."""

    STOP = "stop and keep what there is"


Job: TypeAlias = Generator[Any, Command | None, T]


def drive(job: Job[T], on_event: Callable[[Any], Command | None]) -> T:
    """Run `job` to its end in this thread, handing each event to `on_event`, whose answer is sent back."""
    answer: Command | None = None
    try:
        event = next(job)
        while True:
            answer = on_event(event)
            event = job.send(answer)
    except StopIteration as finished:
        result: T = finished.value
        return result


def quietly(job: Job[T]) -> T:
    """Run `job` to its end and show nothing."""
    return drive(job, lambda event: None)
