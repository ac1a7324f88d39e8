"""Segmenting: a trained model, streamed over the specimens, gives leaves and their hierarchies."""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from napari_hypseg.inference.batches import make_batches
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.jobs.memory_return import returning_memory
from napari_hypseg.jobs.worker_pool import at_most_cores
from napari_hypseg.methods.registry import get_method
from napari_hypseg.pipeline.trained_encoders import sampling_encoders
from napari_hypseg.project.project import Project
from napari_hypseg.project.unfinished import unfinished
from napari_hypseg.storage.atomic import unwritable

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from napari_hypseg.inference.batches import Batch
    from napari_hypseg.inference.memory_fallback import MemoryFallback
    from napari_hypseg.inference.point_source import PointSource
    from napari_hypseg.pipeline.build_segmentation import BuiltSegmentation
    from napari_hypseg.supervoxels.memory_budget import MemoryBudget
    from napari_hypseg.supervoxels.workspace import Workspace

Build: TypeAlias = Callable[["MemoryFallback[PointSource]", "Sequence[Batch]", "Workspace"], Job["BuiltSegmentation"]]
"""Writes the leaf of every voxel into a workspace, and returns trees over the leaves."""


def segment(project: Project, memory: "MemoryBudget | None" = None, executor: "Executor | None" = None) -> Job[str]:
    """Divide every specimen of a trained project into leaves and build the hierarchies; returns their fingerprint.

    What was computed before the job was closed, killed or failed is kept, and the next one goes on from it. Yields
    `Progress` of the stage ``"prepare"`` and what `build_segmentation` yields.

    Parameters
    ----------
    project
        Open for writing.
    memory
        How much of it may be taken; by default a quarter of what is free.
    executor
        Computes the blocks, in processes that reach the project and its files by the same paths; by default threads of
        this process do. The regions are the same.

    Raises
    ------
    ProjectError
        If there is no checkpoint.
    OutputError
        If the folder is full.
    """
    with project.access.job("segmenting"):
        return (yield from _segment(project, memory, executor))


def _segment(project: Project, memory: "MemoryBudget | None", executor: "Executor | None") -> Job[str]:
    from napari_hypseg.pipeline.build_segmentation import build_segmentation

    settings = project.settings
    method = get_method(settings.method)
    classes = method.classes(method.settings.check(settings.model))

    def build(
        fallback: "MemoryFallback[PointSource]", batches: "Sequence[Batch]", workspace: "Workspace"
    ) -> Job["BuiltSegmentation"]:
        return build_segmentation(fallback, batches, workspace, settings.leaves.leaves, settings.training.seed, classes)

    return (yield from segment_by(project, build, memory, executor))


def segment_by(
    project: Project, build: Build, memory: "MemoryBudget | None" = None, executor: "Executor | None" = None
) -> Job[str]:
    """Segment a trained project by `build`, while its job lock is held; all else is as for `segment`."""
    return returning_memory(_segment_by(project, build, memory, executor))


def _segment_by(project: Project, build: Build, memory: "MemoryBudget | None", executor: "Executor | None") -> Job[str]:
    yield Progress("prepare", 0, 1)
    from napari_hypseg.inference.memory_fallback import MemoryFallback
    from napari_hypseg.pipeline.executor_blocks import ExecutorBlocks
    from napari_hypseg.pipeline.leaf_levels import write_leaf_levels
    from napari_hypseg.supervoxels.memory_budget import MemoryBudget
    from napari_hypseg.supervoxels.workspace import Workspace, cells_or_basins, sample_grids

    started, budget = time.monotonic(), memory or MemoryBudget.usual()
    store, shapes = project.store, [record.shape for record in project.records]
    checkpoint = store.checkpoint_fingerprint()
    encoders = sampling_encoders(project)
    grids = sample_grids(encoders)
    batches = yield from make_batches(encoders)
    fallback = MemoryFallback(encoders) if executor is None else ExecutorBlocks(executor, encoders, project)
    try:
        leaves = store.start_segmentation(shapes)
        key = {"version": 2, "checkpoint": checkpoint, "specimens": [one.fingerprint for one in project.records]}
        kinds = ("uint32", shapes), ("uint32", grids), ("float16", grids)
        with (
            at_most_cores(budget.workers),
            unfinished(store.segmentations, key, *kinds) as (folder, (basins, sampled, edges)),
        ):
            cells = cells_or_basins(encoders, basins, sampled)
            workspace = Workspace(basins, cells, edges, leaves, folder, budget)
            built = yield from build(fallback, batches, workspace)
            yield from write_leaf_levels(project, leaves)
        record = {
            "method": project.settings.method,
            "seconds": time.monotonic() - started,
            "device": fallback.device.type,
            "specimens": [record.fingerprint for record in project.records],
            "checkpoint": checkpoint,
            "curvature": encoders[0].manifold.curvature,
            **built.record,
        }
        return store.finish_segmentation(built.hierarchies, record, built.features)
    except OSError as error:
        raise unwritable(project.path, error) from error
    finally:
        store.drop_segmentation()
