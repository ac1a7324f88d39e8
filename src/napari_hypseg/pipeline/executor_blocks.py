"""Blocks computed by other processes, on this machine or on others: any executor of `concurrent.futures` will do.

The plan is data: which block of which specimen, and a function of them. Each process opens the project by its path and
keeps the model that it finds there. Results are taken in the order of the plan, so that they are the same whatever
computes them.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from napari_hypseg.errors import HypsegError
from napari_hypseg.inference.memory_fallback import MemoryFallback
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.jobs.ordered_map import ordered_map
from napari_hypseg.pipeline.trained_encoders import sampling_encoders
from napari_hypseg.project.project import Project
from napari_hypseg.volumes.blocks import Block

if TYPE_CHECKING:
    from napari_hypseg.inference.encoder import Encoder

AHEAD = 32
"""Blocks that are begun before the first of them is taken: enough for as many workers, few enough to hold."""

A = TypeVar("A")
T = TypeVar("T")


@dataclass(frozen=True)
class BlockTask:
    """One block to compute, as plain data.

    Parameters
    ----------
    project, checkpoint
        Folder of the project, and fingerprint of its model.
    function
        Called with the point source, the number of the specimen and the part of it; it can be pickled.
    specimen, part
        What to compute: most often of a block.
    """

    project: str
    checkpoint: str
    function: Callable[..., Any]
    specimen: int
    part: Any


def compute_block(task: BlockTask) -> Any:
    """The result of a task, computed in this process on one core."""
    sources = _sources(task.project, task.checkpoint)
    return task.function(sources[task.specimen], task.specimen, task.part)


@lru_cache(maxsize=1)
def _sources(project: str, checkpoint: str) -> "Sequence[Encoder]":
    """What a worker opens once; another model of the same project is opened anew."""
    import torch

    torch.set_num_threads(1)
    opened = Project.open(Path(project))
    if opened.store.checkpoint_fingerprint() != checkpoint:
        raise HypsegError(f"The model in {project} has changed since segmenting began; begin again.")
    return sampling_encoders(opened)


class ExecutorBlocks(MemoryFallback["Encoder"]):
    """Blocks of a project that an executor computes, in place of threads of this process.

    Parameters
    ----------
    executor
        Whose processes reach the project and its files by the same paths as this one.
    sources
        Point sources of the specimens.
    project
        Its folder holds the model.
    """

    def __init__(self, executor: Executor, sources: "Sequence[Encoder]", project: Project) -> None:
        super().__init__(sources)
        self._executor = executor
        self._project, self._checkpoint = str(project.path.resolve()), project.store.checkpoint_fingerprint()

    def map(
        self,
        plan: Iterable[tuple[int, Block]],
        function: "Callable[[Encoder, int, Block], T]",
        take: Callable[[int, list[T]], object],
        progress: Callable[[int], Progress],
    ) -> Job[None]:
        """As that of `MemoryFallback`.

        Raises
        ------
        HypsegError
            If the processes of the executor end; what was taken before is kept.
        """
        indices = deque[int]()

        def noted() -> Iterator[tuple[int, Block]]:
            for index, block in plan:
                indices.append(index)
                yield index, block

        yield from self.spread(noted(), function, lambda found: take(indices.popleft(), [found]), progress)

    def spread(
        self,
        plan: Iterable[tuple[int, A]],
        function: "Callable[[Encoder, int, A], T]",
        take: Callable[[T], object],
        progress: Callable[[int], Progress],
    ) -> Job[None]:
        """As that of `MemoryFallback`.

        Raises
        ------
        HypsegError
            If the processes of the executor end; what was taken before is kept.
        """
        tasks = (BlockTask(self._project, self._checkpoint, function, index, part) for index, part in plan)
        try:
            yield from ordered_map(self._executor, compute_block, tasks, take, progress, AHEAD)
        except BrokenExecutor as error:
            raise HypsegError(
                "A process that computed blocks has ended, perhaps for want of memory; segment again to go on from "
                "the last block."
            ) from error
