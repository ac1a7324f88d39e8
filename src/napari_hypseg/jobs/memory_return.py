"""Memory that was freed goes back to the system while a long job runs.

The allocator of glibc keeps what threads have freed: after some hundred blocks of a volume half of what a process
holds is free, and the more of it the longer it has worked.
"""

import ctypes
import platform
import time
from contextlib import closing
from functools import cache
from typing import TypeVar

from napari_hypseg.jobs.job import Job, Progress

INTERVAL = 5.0
"""Seconds between two times; one takes some hundredths of a second."""

R = TypeVar("R")


def return_free_memory() -> None:
    """Give back what is free now; does nothing where the allocator is another one."""
    if _uses_glibc():
        ctypes.CDLL(None).malloc_trim(0)


@cache
def _uses_glibc() -> bool:
    return platform.libc_ver()[0] == "glibc"


def returning_memory(job: Job[R]) -> Job[R]:
    """A job that gives back free memory at the begin of each stage, and every few seconds in between."""
    stage, last, answer = "", time.monotonic(), None
    with closing(job):
        while True:
            try:
                event = job.send(answer)
            except StopIteration as finished:
                result: R = finished.value
                return result
            if isinstance(event, Progress) and (event.stage != stage or time.monotonic() - last > INTERVAL):
                return_free_memory()
                stage, last = event.stage, time.monotonic()
            answer = yield event
