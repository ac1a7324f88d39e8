"""A job that answers request after request, because a process takes longer to begin than most answers."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from napari_hypseg.jobs import Job, Progress

R = TypeVar("R")
PAUSE = 0.05
"""Seconds between two looks for a request."""


def answer_requests(newest: Callable[[], R | None], answer: Callable[[R], Job[Any]], stage: str) -> Job[None]:
    """Yield the result of `answer` for each request that `newest` gives, until closed; older ones give way to newer.

    Parameters
    ----------
    newest
        The request made last, None before the first.
    answer
        The job of a request, whose events are yielded too.
    stage
        Of the `Progress` while there is nothing to do.
    """
    answered: R | None = None
    while True:
        request = newest()
        if request is None or request is answered:
            time.sleep(PAUSE)
            yield Progress(stage, 0)
            continue
        answered, job = request, answer(request)
        while newest() is request:
            try:
                yield next(job)
            except StopIteration as done:
                yield done.value
                break
        job.close()
