"""Encoding with little memory: smaller blocks first, then the processor; results of earlier blocks are kept."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from typing import Generic, TypeVar

import torch

from napari_hypseg.errors import HypsegError
from napari_hypseg.inference.encoder import BATCH, CPU_EDGE
from napari_hypseg.inference.point_source import SpecimenSource
from napari_hypseg.jobs import Job, Notice, Progress
from napari_hypseg.jobs.worker_pool import worker_pool
from napari_hypseg.training.device import is_out_of_memory
from napari_hypseg.volumes.blocks import Block, balanced_edge

SMALLEST = 16
"""Block edge below which the halo is nearly all there is: smaller blocks would save no memory."""

S_co = TypeVar("S_co", bound=SpecimenSource, covariant=True)
A = TypeVar("A")
T = TypeVar("T")


class MemoryFallback(Generic[S_co]):
    """The sources of a job, and how large a block may be after the device has run out of memory.

    Parameters
    ----------
    sources
        One for each specimen, all on one device.
    """

    def __init__(self, sources: Sequence[S_co]) -> None:
        self.sources = tuple(sources)
        self._edge: int | None = None

    @property
    def device(self) -> torch.device:
        """Where points are computed by now."""
        return self.sources[0].device

    def run(
        self, index: int, blocks: Sequence[Block], function: Callable[[S_co, Sequence[Block]], Job[T]]
    ) -> Job[list[T]]:
        """Results of `function` on `blocks` of specimen number `index`, or on smaller blocks if memory is short.

        `function` may be interrupted and called again with smaller blocks. Yields what it yields, and a `Notice` for
        each fallback.

        Raises
        ------
        HypsegError
            If memory does not suffice even for the smallest blocks on the processor.
        """
        while True:
            try:
                results = []
                for piece in self._pieces(self.sources[index], blocks):
                    results.append((yield from function(self.sources[index], piece)))
                return results
            except RuntimeError as error:
                if not is_out_of_memory(error):
                    raise
            # Outside of the handler, whose traceback holds on to the tensors that did not fit.
            yield self._fall_back(max(blocks[0].aligned.shape))

    def map(
        self,
        plan: Iterable[tuple[int, Block]],
        function: Callable[[S_co, int, Block], T],
        take: Callable[[int, list[T]], object],
        progress: Callable[[int], Progress],
    ) -> Job[None]:
        """``function(source, specimen, block)`` of the specimens and blocks of `plan`, several side by side.

        ``take(specimen, results)`` gets the results in order, several of smaller blocks where memory was short. Yields
        ``progress(blocks done)``, and a `Notice` for each fallback.

        Raises
        ------
        HypsegError
            If memory does not suffice even for the smallest blocks on the processor.
        """
        notices: deque[Notice] = deque()
        falling_back = threading.Lock()

        def attempt(item: tuple[int, Block]) -> tuple[int, list[T]]:
            index, block = item
            while True:
                state = self._edge, self.sources
                try:
                    pieces = [piece for part in self._pieces(self.sources[index], [block]) for piece in part]
                    return index, [function(self.sources[index], index, piece) for piece in pieces]
                except RuntimeError as error:
                    if not is_out_of_memory(error):
                        raise
                with falling_back:
                    if state == (self._edge, self.sources):  # no other thread has fallen back meanwhile
                        notices.append(self._fall_back(max(block.aligned.shape)))

        with (
            worker_pool(self.device.type) as pool,
            closing(pool.map(attempt, plan, lambda found: take(*found), progress)) as job,
        ):
            for event in job:
                yield event
                while notices:
                    yield notices.popleft()

    def spread(
        self,
        plan: Iterable[tuple[int, A]],
        function: Callable[[S_co, int, A], T],
        take: Callable[[T], object],
        progress: Callable[[int], Progress],
    ) -> Job[None]:
        """``function(source, specimen, part)`` of the specimens and parts of `plan`, which a processor computes.

        `take` gets the results in order. Yields ``progress(parts done)``. On any device there are as many threads as
        cores: memory of the device plays no part.
        """

        def compute(item: tuple[int, A]) -> T:
            index, part = item
            return function(self.sources[index], index, part)

        with worker_pool() as pool:
            yield from pool.map(compute, plan, take, progress)

    def _pieces(self, source: SpecimenSource, blocks: Sequence[Block]) -> list[Sequence[Block]]:
        if self._edge is None:
            return [blocks]
        pieces: list[Sequence[Block]] = []
        for block in blocks:
            smaller = source.blocks_in(block.core, balanced_edge(block.core, self._edge, source.stride))
            pieces += [smaller[i : i + BATCH] for i in range(0, len(smaller), BATCH)]
        return pieces

    def _fall_back(self, present: int) -> Notice:
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        edge = self._edge or present
        if edge > SMALLEST:
            self._edge = max(SMALLEST, edge // 2)
            return Notice(f"The device ran out of memory; encoding goes on with blocks of {self._edge} voxels.")
        if self.device.type == "cpu":
            raise HypsegError("There is not enough memory to encode even the smallest block; close other programs.")
        self.sources = tuple(source.to(torch.device("cpu")) for source in self.sources)
        self._edge = CPU_EDGE
        return Notice("The device ran out of memory; encoding goes on, more slowly, on the processor.")
