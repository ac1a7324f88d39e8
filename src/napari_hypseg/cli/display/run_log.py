"""A log of the events of a run, for the report at the end."""

import time
from collections.abc import Callable
from typing import Any

from napari_hypseg.jobs import Notice, Progress


class RunLog:
    """Seconds of each stage, first and last loss, and the notices.

    Parameters
    ----------
    clock
        Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = clock()
        self.seconds: dict[str, float] = {}
        self.losses: tuple[float, float] | None = None
        self.notices: list[str] = []

    def record(self, event: Any) -> bool:
        """Take down an event; the time since the one before belongs to its stage. False for a notice seen before."""
        if isinstance(event, Notice):
            known = event.message in self.notices
            self.notices += [] if known else [event.message]
            return not known
        if isinstance(event, Progress):
            self._count(event)
        return True

    def _count(self, event: Progress) -> None:
        now = self._clock()
        self.seconds[event.stage] = self.seconds.get(event.stage, 0.0) + now - self._last
        self._last = now
        if "loss" in event.metrics:
            loss = float(event.metrics["loss"])
            self.losses = (self.losses[0] if self.losses else loss, loss)
