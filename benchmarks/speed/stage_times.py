"""Seconds of each stage of a job, by what it says it does."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from napari_hypseg.jobs import Job, Progress, drive

T = TypeVar("T")


@dataclass(eq=False)
class StageTimes:
    """Seconds by the name of a stage, in the order in which they were first met; `clock` says what time it is."""

    clock: Callable[[], float] = time.perf_counter
    seconds: dict[str, float] = field(default_factory=dict)

    def drive(self, job: Job[T], first: str) -> T:
        """Run `job` to its end; what comes before it first says what it does belongs to the stage `first`."""
        stage, since = first, self.clock()

        def note(event: object) -> None:
            nonlocal stage, since
            now = self.clock()
            self.seconds[stage] = self.seconds.get(stage, 0.0) + now - since
            stage, since = event.stage if isinstance(event, Progress) else stage, now

        result = drive(job, note)
        note(None)
        return result
