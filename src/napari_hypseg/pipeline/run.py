"""The main job: learn, then segment."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from napari_hypseg.jobs import Job
from napari_hypseg.pipeline.learn import learn
from napari_hypseg.pipeline.preview import SliceView, no_view
from napari_hypseg.pipeline.segment import segment
from napari_hypseg.project.project import Project

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from napari_hypseg.supervoxels.memory_budget import MemoryBudget


def run(
    project: Project,
    view: Callable[[], SliceView | None] = no_view,
    fresh: bool = True,
    memory: "MemoryBudget | None" = None,
    executor: "Executor | None" = None,
) -> Job[str]:
    """Train the project's model and segment its specimens; returns the fingerprint of the segmentation.

    Training starts from nothing, or, unless `fresh`, from the checkpoint there is. Segmenting takes no more than
    `memory`, by default a quarter of what is free, and lets `executor` compute the blocks, by default threads.

    `Command.STOP` during learning ends it early and goes on to the segmentation.
    """
    yield from learn(project, view, fresh)
    return (yield from segment(project, memory, executor))
