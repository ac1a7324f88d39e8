"""Applying one project to many volumes: what is done already is not done again, and one table counts it all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from napari_hypseg.errors import ProjectError
from napari_hypseg.jobs import Job
from napari_hypseg.pipeline.applicable import as_learned
from napari_hypseg.pipeline.apply import ORIGIN, Origin, apply
from napari_hypseg.pipeline.measure import measure_objects_job
from napari_hypseg.pipeline.measured import structure_masks
from napari_hypseg.project.creation import is_vacant
from napari_hypseg.project.doubtful_regions import DoubtfulRegion, doubtful_regions
from napari_hypseg.project.project import Project
from napari_hypseg.structures.instances import InstanceSettings, instances_job
from napari_hypseg.structures.joined_tables import joined_tables
from napari_hypseg.structures.measurement_table import Column, MeasurementTable
from napari_hypseg.volumes.specimen import Specimen

TABLE = "structures.csv"
"""File of the table of all volumes."""
PIECES = "Connected pieces that it falls into."
PROGRAM = "hypseg apply"


@dataclass(frozen=True, eq=False)
class ApplyTask:
    """One volume.

    Parameters
    ----------
    name
        For the person.
    path
        Of the project that is made of it.
    load
        Opens it.
    """

    name: str
    path: Path
    load: Callable[[], Specimen]


@dataclass(frozen=True, eq=False)
class AppliedVolume:
    """What became of one volume.

    Parameters
    ----------
    name, path
        Of the volume and of its project.
    was_there
        Whether it had been done before.
    structures
        Voxels of each structure by its name.
    certainty
        Mean over the voxels, in [0, 1].
    doubtful
        Where to look first.
    left_out
        Words for edits that could not be carried over.
    table
        Measurements of the structures.
    """

    name: str
    path: Path
    was_there: bool
    structures: Mapping[str, int]
    certainty: float
    doubtful: tuple[DoubtfulRegion, ...]
    left_out: tuple[str, ...]
    table: MeasurementTable


def apply_to(source: Project, task: ApplyTask, overwrite: bool = False, what: str = PROGRAM) -> Job[AppliedVolume]:
    """Make the project of one volume, unless it is there, and measure its structures.

    Parameters
    ----------
    source
        What was learned and named; see `check_named`.
    task
        The volume.
    overwrite
        Whether a project that is there is replaced even so.
    what
        How this program is called in messages of others.

    Raises
    ------
    HypsegError
        If the volume cannot be used, or what is at its place is not what `source` makes of it.
    """
    if not overwrite and (found := _made_before(source, task.path)):
        return (yield from _measured(found, task, True, ()))
    specimen = as_learned(source, task.load())
    target = Project.create(task.path, [specimen], source.settings, overwrite=not is_vacant(task.path), what=what)
    try:
        replayed = yield from apply(source, target)
        return (yield from _measured(target, task, False, replayed.left_out))
    finally:
        target.close()


def joined_table(volumes: Sequence[AppliedVolume]) -> MeasurementTable:
    """The structures of all volumes, of which there is at least one."""
    return joined_tables({one.name: one.table for one in volumes})


def _made_before(source: Project, path: Path) -> Project | None:
    """The project at `path`, if it was made from `source` as it is now; None if there is nothing, or half of it.

    Raises
    ------
    ProjectError
        If it is something else.
    """
    if is_vacant(path):
        return None
    project = Project.open(path)
    known = project.segmentation.record.get(ORIGIN) if project.segmentation else project.training.get(ORIGIN)
    if known == Origin.of(source).as_json():
        return project if project.segmentation else None
    if project.segmentation is None and not project.has_checkpoint and not project.damage:
        return None  # it was stopped before it had begun
    made = "an earlier state of it" if _is_of(known, source) else "something else"
    raise ProjectError(
        f"{path} exists already and was made from {made}; keep it, or replace it and what was corrected in it.",
        setting="overwrite",
    )


def _is_of(known: Any, source: Project) -> bool:
    return isinstance(known, dict) and known.get("name") == source.path.name


def _measured(project: Project, task: ApplyTask, was_there: bool, left_out: tuple[str, ...]) -> Job[AppliedVolume]:
    record = project.segmentation.record if project.segmentation else {}
    structures = project.structures
    sizes = {} if structures is None else structures.sizes
    names = {} if structures is None else {one.id: one.name for one in structures.annotation.structures.values()}
    return AppliedVolume(
        task.name,
        task.path,
        was_there,
        {names[one]: voxels for one, voxels in sizes.items()},
        float(record.get("certainty", 1.0)),
        doubtful_regions(record),
        left_out,
        (yield from _table(project)),
    )


def _table(project: Project) -> Job[MeasurementTable]:
    """The structures of a project as `measure_objects_job` measures them, with the number of their pieces."""
    masks, counts = structure_masks(project), list[int]()
    for one in masks:
        pieces = yield from instances_job(one.mask, project.records[0].voxel_size, InstanceSettings())
        counts.append(pieces.count)
    table = (yield from measure_objects_job(project, masks)).table
    names = [column.key for column in table.columns].index("voxels")
    column = Column("pieces", "Pieces", np.array(counts, dtype=np.int64), description=PIECES)
    return replace(table, columns=(*table.columns[:names], column, *table.columns[names:]))
