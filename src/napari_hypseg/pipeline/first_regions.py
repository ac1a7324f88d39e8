"""First regions: leaves and trees from filters alone, there before anything was learned.

They answer within seconds at any size: a volume of more than `CELLS` voxels is looked at in larger cells. What is
learned later takes their place, and structures are carried over (see `napari_hypseg.pipeline.replay`).
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from napari_hypseg.errors import ProjectError
from napari_hypseg.jobs import Job, Notice, Progress
from napari_hypseg.project.leaf_cells import cells_record
from napari_hypseg.project.project import Project
from napari_hypseg.project.records import FILTERS
from napari_hypseg.storage.atomic import unwritable
from napari_hypseg.volumes.cell_grid import CellGrid, cell_grids
from napari_hypseg.volumes.coarse_specimen import coarse_specimen
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.voxel_checks import check_volume

CELLS = 6_000_000
"""Cells of all specimens together, at most: about 10 s on two cores."""
SHARES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "prepare": (0.0, 0.05),
        "read": (0.05, 0.1),
        "regions": (0.15, 0.2),
        "describe": (0.35, 0.2),
        "touch": (0.55, 0.05),
        "merge": (0.6, 0.05),
        "cluster": (0.65, 0.15),
        "leaves": (0.8, 0.02),
        "context": (0.82, 0.06),
        "tree": (0.88, 0.12),
    }
)
"""Where the stages of `build_from_filters` begin and how long they last, in shares of the whole."""


@dataclass(frozen=True)
class FirstRegions:
    """First regions are there, and the job goes on; `fingerprint` is that of the segmentation."""

    fingerprint: str


def first_regions(project: Project) -> Job[str]:
    """Divide every specimen into leaves by filters alone and build the hierarchies; returns their fingerprint.

    Yields `Progress` of the stage ``"first"`` and `Notice`.

    Raises
    ------
    ProjectError
        If something was learned already: its regions are better.
    InputError
        If a specimen cannot be used.
    OutputError
        If the folder is full.
    """
    with project.access.job("making first regions"):
        require_nothing_learned(project)
        return (yield from _as_one_stage(_first_regions(project)))


def require_nothing_learned(project: Project) -> None:
    """Make sure that first regions take the place of none that are better.

    Raises
    ------
    ProjectError
        If they would.
    """
    if project.has_checkpoint or (project.segmentation is not None and not project.segmentation.from_filters):
        raise ProjectError(
            f"{project.path.name} has learned already, and regions from what was learned are better than those from "
            "filters; resume it to make them."
        )


def _first_regions(project: Project) -> Job[str]:
    yield Progress("prepare", 0, 1)
    from napari_hypseg.inference.grey_source import GreySource
    from napari_hypseg.inference.memory_fallback import MemoryFallback
    from napari_hypseg.pipeline.build_from_filters import build_from_filters
    from napari_hypseg.supervoxels.workspace import workspace_in_memory

    started, settings, store = time.monotonic(), project.settings, project.store
    grids = cell_grids(project.specimens, CELLS)
    specimens = yield from _coarse(project.specimens, grids)
    sources = GreySource.of(specimens)
    workspace = workspace_in_memory(sources)
    voxels = [grid.voxels() for grid in grids]
    built = yield from build_from_filters(
        MemoryFallback(sources), workspace, settings.leaves.leaves, settings.training.seed, voxels
    )
    record = {
        "method": FILTERS,
        "seconds": time.monotonic() - started,
        "device": "cpu",
        "specimens": [record.fingerprint for record in project.records],
        "checkpoint": "",
        "curvature": 0.0,
        **cells_record(grids),
    }
    try:
        arrays = store.start_segmentation([grid.shape for grid in grids])
        for stored, leaves in zip(arrays, workspace.leaves, strict=True):
            yield Progress("tree", 1, 1)
            stored[...] = np.asarray(leaves)
        return store.finish_segmentation(built.hierarchies, record, built.features)
    except OSError as error:
        raise unwritable(project.path, error) from error
    finally:
        store.drop_segmentation()


def _coarse(specimens: Sequence[Specimen], grids: Sequence[CellGrid]) -> Job[list[Specimen]]:
    """The specimens in the cells of `grids`; yields a `Notice` for what looks wrong in them."""
    made = []
    for specimen, grid in zip(specimens, grids, strict=True):
        for note in check_volume(specimen.volume):
            yield Notice(note)
        made.append((yield from coarse_specimen(specimen, grid)))
    return made


def _as_one_stage(job: Job[str]) -> Job[str]:
    """A job whose stages are those in `SHARES`, as a single stage with an estimate of the time left."""
    started, before, answer = time.monotonic(), 0.0, None
    while True:
        try:
            event: Any = job.send(answer)
        except StopIteration as finished:
            made: str = finished.value
            return made
        if isinstance(event, Progress):
            start, share = SHARES.get(event.stage, (before, 0.0))
            before = max(before, start + share * (event.fraction or 0.0))
            spent = time.monotonic() - started
            event = Progress("first", before, 1.0, seconds_left=spent / before * (1 - before) if before > 0.1 else None)
        answer = yield event
