"""Listening to what a job says of itself on its way."""

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import TypeVar

from napari_hypseg.jobs import Job, Progress

T = TypeVar("T")


def tap_metrics(job: Job[T], hear: Callable[[Mapping[str, float]], object]) -> Job[T]:
    """Carry out `job` and tell `hear` the metrics of each progress; yields what `job` yields."""
    with closing(job):
        try:
            event = next(job)
            while True:
                if isinstance(event, Progress):
                    hear(event.metrics)
                event = job.send((yield event))
        except StopIteration as finished:
            result: T = finished.value
            return result
