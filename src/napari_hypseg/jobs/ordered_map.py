"""Work on many pieces at once, whose results are taken in the order of the pieces: the same whatever runs beside."""

import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future, wait
from itertools import islice
from typing import TypeVar

from napari_hypseg.jobs.job import Job, Notice, Progress

PATIENCE = 0.1
"""Seconds between two yields while a result is waited for."""

STALLED = 20.0
"""Seconds for which no result comes before the person is told: a block takes one or two."""
STALLED_WORDS = (
    "Nothing has come back for some time; a network drive or another machine may be slow to answer. It is waited for, "
    "unless you cancel."
)

A = TypeVar("A")
R = TypeVar("R")


def ordered_map(
    executor: Executor,
    function: Callable[[A], R],
    items: Iterable[A],
    take: Callable[[R], object],
    progress: Callable[[int], Progress],
    ahead: int,
) -> Job[None]:
    """Hand the results of `function` to `take` in this thread, in the order of `items`.

    Yields ``progress(n)`` after the n-th, first for 0, and while the next is waited for; a `Notice` where that takes
    long. An error of `function` or `take` ends the map; what was begun is waited for, also if the job is closed.

    Parameters
    ----------
    executor
        Carries out `function` on one item.
    function, items
        What to do, and with what.
    take
        Takes a result.
    progress
        From the number of results taken to what is yielded.
    ahead
        Items begun before the first of them is taken, at most.
    """
    rest = iter(items)
    begun: deque[Future[R]] = deque()
    done = 0
    try:
        begun.extend(executor.submit(function, item) for item in islice(rest, ahead))
        yield progress(done)
        while begun:
            since, told = time.monotonic(), False
            while not wait((begun[0],), PATIENCE).done:
                yield progress(done)
                if not told and time.monotonic() - since > STALLED:
                    told = True
                    yield Notice(STALLED_WORDS)
            result = begun.popleft().result()
            begun.extend(executor.submit(function, item) for item in islice(rest, 1))
            take(result)
            done += 1
            yield progress(done)
    finally:
        for future in begun:
            future.cancel()
        wait(begun)
