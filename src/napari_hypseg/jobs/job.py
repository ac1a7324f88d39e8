"""The generator protocol of long work.

A job yields `Progress`, `Notice` or a stage's own frozen record at least every 0.2 s and returns its result.
The caller decides on thread and display. Closing the generator cancels it; sending `Command.STOP` asks it to
finish early and return what it has.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

from napari_hypseg.jobs.stage import stage_title

T = TypeVar("T")
NO_METRICS: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True)
class Progress:
    """How far a stage has come.

    Parameters
    ----------
    stage
        Value of `Stage`: ``"learn"``, ``"encode"``, ``"cluster"``, ``"export"``.
    step, total
        Position and end in the unit of the stage; `total` is None where the end is not known.
        A training run on a time budget counts seconds.
    metrics
        Named numbers worth plotting, for example ``{"loss": 1.3}``.
    seconds_left
        Estimate of the time left in seconds, None where there is none.
    """

    stage: str
    step: float
    total: float | None = None
    metrics: Mapping[str, float] = field(default_factory=lambda: NO_METRICS)
    seconds_left: float | None = None

    @property
    def title(self) -> str:
        """What is being done, for a person."""
        return stage_title(self.stage)

    @property
    def fraction(self) -> float | None:
        """Done share in [0, 1], None where the end is not known."""
        if not self.total:
            return None
        return min(1.0, self.step / self.total)


@dataclass(frozen=True)
class Notice:
    """One sentence the person should read although the job goes on."""

    message: str


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
