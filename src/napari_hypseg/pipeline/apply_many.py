"""Applying one project to many volumes: what is done follows edits made since, and one table counts it all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from napari_hypseg.errors import ProjectError
from napari_hypseg.io.opening import open_channels
from napari_hypseg.io.overwrite_protection import check_no_overwrite
from napari_hypseg.io.specimen_names import unique_names
from napari_hypseg.jobs import Job
from napari_hypseg.pipeline.applicable import as_learned
from napari_hypseg.pipeline.apply import apply, named_segmentation
from napari_hypseg.pipeline.apply_origin import apply_origin
from napari_hypseg.pipeline.measure import measure_objects_job
from napari_hypseg.pipeline.measured import structure_masks
from napari_hypseg.pipeline.update_applied import Updated, follow
from napari_hypseg.pipeline.volume_ended import VolumeEnded
from napari_hypseg.project.creation import is_vacant
from napari_hypseg.project.doubtful_regions import DoubtfulRegion, doubtful_regions
from napari_hypseg.project.project import SUFFIX, Project
from napari_hypseg.storage.atomic import make_folders, unwritable
from napari_hypseg.storage.file_names import fitted
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
    update
        What it took over from edits of the common project since it was done.
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
    update: Updated
    table: MeasurementTable


@dataclass(frozen=True)
class FailedVolume:
    """A volume that could not be used, and why."""

    name: str
    error: Exception


def volume_tasks(texts: Sequence[str], out: Path, load: Callable[[str], Specimen]) -> list[ApplyTask]:
    """A task for each volume, whose project goes into the folder `out`; none is opened yet.

    Parameters
    ----------
    texts
        Paths; several joined by ``+`` are the channels of one volume.
    out
        Folder of the projects.
    load
        Opens a volume.
    """
    names = unique_names(texts, [None] * len(texts))
    return [
        ApplyTask(name, out / fitted(name, SUFFIX), partial(load, text))
        for text, name in zip(texts, names, strict=True)
    ]


def apply_to_all(
    source: Project,
    tasks: Sequence[ApplyTask],
    overwrite: bool = False,
    keep: Callable[[AppliedVolume], object] = lambda volume: None,
) -> Job[list[FailedVolume]]:
    """Apply to one volume after the other; those that cannot be used are returned, and do not stop the others.

    Each is handed to `keep` as soon as it is done. Yields what `apply_to` yields, and `VolumeEnded` for each volume.
    """
    failed = list[FailedVolume]()
    for number, task in enumerate(tasks, start=1):
        count = f"{number} of {len(tasks)}" if len(tasks) > 1 else "the only one"
        try:
            volume = yield from apply_to(source, task, overwrite)
        except Exception as error:  # libraries of file formats raise what they like
            failed.append(FailedVolume(task.name, error))
            yield VolumeEnded(f"{task.name} ({count}) could not be used.")
        else:
            keep(volume)
            yield VolumeEnded(f"{task.name} ({count}) {_ended(volume)}.")
    return failed


def apply_to(source: Project, task: ApplyTask, overwrite: bool = False, what: str = PROGRAM) -> Job[AppliedVolume]:
    """Make the project of one volume, or let one that is there follow `source`, and measure its structures.

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
        update = follow(source, found.path, what)
        return (yield from _measured(Project.open(task.path), task, True, (), update))
    specimen = as_learned(source, task.load())
    target = Project.create(task.path, [specimen], source.settings, overwrite=not is_vacant(task.path), what=what)
    try:
        replayed = yield from apply(source, target)
        return (yield from _measured(target, task, False, replayed.left_out, Updated()))
    finally:
        target.close()


def apply_with_table(source: Project, texts: Sequence[str], out: Path) -> Job[tuple[str, ...]]:
    """Apply to the volumes `texts` as `apply_to_all` does, into the folder `out`, and write the table of them all.

    Returns a sentence about each volume that could not be used, and each structure that does not follow.

    Raises
    ------
    OutputError
        If nothing can be written to `out`, or it lies in a project.
    """
    tasks, done = volume_tasks(texts, out, _open_plain), list[AppliedVolume]()
    check_no_overwrite([*(task.path for task in tasks), out / TABLE], [source.path, *source.inputs])
    try:
        make_folders(out)
    except OSError as error:
        raise unwritable(out, error) from error
    failed = yield from apply_to_all(source, tasks, keep=done.append)
    if done:
        joined_table(done).write_csv(out / TABLE)
    return (*(f"{one.name}: {one.error}" for one in failed), *(words for one in done for words in kept_words(one)))


def kept_words(volume: AppliedVolume) -> tuple[str, ...]:
    """A sentence about each structure that does not follow the common project."""
    return tuple(f"Kept in {volume.name}: {words}." for words in volume.update.kept)


def _open_plain(text: str) -> Specimen:
    return Specimen(open_channels(text))


def joined_table(volumes: Sequence[AppliedVolume]) -> MeasurementTable:
    """The structures of all volumes, of which there is at least one."""
    return joined_tables({one.name: one.table for one in volumes})


def _made_before(source: Project, path: Path) -> Project | None:
    """The project at `path`, if it was made from the regions of `source`; None if there is nothing, or half of it.

    Raises
    ------
    ProjectError
        If it is something else.
    """
    if is_vacant(path):
        return None
    project = Project.open(path)
    origin, segmentation = apply_origin(project), named_segmentation(source)
    if origin is not None and origin.segmentation == segmentation.fingerprint:
        return project if origin.state is not None and project.segmentation else None
    if project.segmentation is None and not project.has_checkpoint and not project.damage:
        return None  # it was stopped before it had begun
    same = origin is not None and origin.name == source.path.name
    made = "other regions of it" if same else "something else"
    raise ProjectError(
        f"{path} exists already and was made from {made}; keep it, or replace it and what was corrected in it.",
        setting="overwrite",
    )


def _ended(volume: AppliedVolume) -> str:
    if not volume.was_there:
        return "is done"
    return "had been done before" + (" and was brought up to date" if volume.update.done else "")


def _measured(
    project: Project, task: ApplyTask, was_there: bool, left_out: tuple[str, ...], update: Updated
) -> Job[AppliedVolume]:
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
        update,
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
