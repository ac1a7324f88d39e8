"""Threads that compute blocks side by side, each on one core.

Two blocks on two cores are finished sooner than two cores are with one block after the other: most steps of a block are
too short for torch to divide among cores, and what NumPy does it does on one.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from napari_hypseg.jobs.job import Job, Progress
from napari_hypseg.jobs.ordered_map import ordered_map

FEEDERS = 2
"""Threads that feed a device which is not a processor: one reads while the other computes."""

A = TypeVar("A")
R = TypeVar("R")


@dataclass(frozen=True)
class WorkerPool:
    """Threads, and how many of them there are."""

    executor: ThreadPoolExecutor
    count: int

    def map(
        self,
        function: Callable[[A], R],
        items: Iterable[A],
        take: Callable[[R], object],
        progress: Callable[[int], Progress],
    ) -> Job[None]:
        """`ordered_map`, with one item more begun than there are threads."""
        return ordered_map(self.executor, function, items, take, progress, self.count + 1)


@contextmanager
def worker_pool(device: str = "cpu") -> Iterator[WorkerPool]:
    """As many threads as torch may use cores of the processor, each of which lets torch use one; few on other devices.

    `device` is the type of a torch device.

    Before the threads have ended torch uses one core in this thread too.
    """
    import torch

    cores = torch.get_num_threads()
    count = cores if device == "cpu" else FEEDERS
    try:
        with ThreadPoolExecutor(count, "hypseg-block", torch.set_num_threads, (1,)) as executor:
            yield WorkerPool(executor, count)
    finally:
        torch.set_num_threads(cores)


@contextmanager
def at_most_cores(count: int) -> Iterator[None]:
    """Let torch, and so every `worker_pool`, use no more than `count` cores of the processor for a while."""
    import torch

    cores = torch.get_num_threads()
    torch.set_num_threads(min(cores, count))
    try:
        yield
    finally:
        torch.set_num_threads(cores)
