"""Measuring structures or regions of a project, or the pieces they fall into: one job for window and command."""

from collections.abc import Sequence
from dataclasses import dataclass

from napari_hypseg.errors import HypsegError
from napari_hypseg.io.label_image import LabelImage
from napari_hypseg.jobs import Job, Notice
from napari_hypseg.pipeline.measured import LabelMask, NamedMask
from napari_hypseg.project.project import Project
from napari_hypseg.project.sources import open_specimen
from napari_hypseg.structures.instances import Instances, InstanceSettings, instances_job
from napari_hypseg.structures.measured_objects import DistanceTarget, MeasuredGroup, MeasuredObject, MeasuredPlace
from napari_hypseg.structures.measurement_table import MeasurementTable
from napari_hypseg.structures.measurements import measure_job
from napari_hypseg.volumes import LazyArray


@dataclass(frozen=True, eq=False)
class Measured:
    """What was measured.

    Parameters
    ----------
    table
        One row for each object, or for each piece of each of them.
    pieces
        The pieces of each object; empty where they were not asked for.
    """

    table: MeasurementTable
    pieces: tuple[Instances, ...] = ()

    @property
    def n_small(self) -> int:
        """Pieces that were left out because they are smaller than wanted."""
        return sum(pieces.n_small for pieces in self.pieces)


def measure_objects_job(
    project: Project,
    objects: Sequence[NamedMask],
    specimen: int = 0,
    instances: InstanceSettings | None = None,
    distance_to: NamedMask | None = None,
) -> Job[Measured]:
    """Measure `objects`, from `structure_masks` or `region_masks`; at least one.

    A source that cannot be opened only costs the grey values, which a `Notice` says.

    Parameters
    ----------
    project, objects, specimen
        What, and where it lies.
    instances
        How to split each into pieces, which are measured then; None measures it as a whole.
    distance_to
        What distances are measured to.
    """
    record = project.specimen_record(specimen)
    channels: tuple[LazyArray, ...] = ()
    try:
        channels = open_specimen(project.path, record).volume.channels
    except HypsegError as error:
        yield Notice(f"{error} Until then, grey values are left out.")
    place = MeasuredPlace(record.voxel_size, record.unit, record.origin, channels)
    pieces: list[Instances] = []
    if instances is None:
        groups = _whole(objects)
    else:
        for one in objects:
            pieces.append((yield from instances_job(one.mask, record.voxel_size, instances)))
        groups = [_in_pieces(one, found) for one, found in zip(objects, pieces, strict=True)]
    target = None if distance_to is None else DistanceTarget(distance_to.name, distance_to.mask)
    table = yield from measure_job(groups, place, target)
    return Measured(table, tuple(pieces))


def piece_image(project: Project, pieces: Instances, specimen: int = 0) -> LabelImage:
    """The pieces of one object as labels in place, ready to be written."""
    record = project.specimen_record(specimen)
    return LabelImage(
        data=pieces.data,
        maximum=pieces.count,
        voxel_size=record.voxel_size,
        unit=record.unit,
        origin=record.origin,
        metadata=record.metadata,
        inputs=tuple(project.inputs),
        direction=record.direction,
    )


def _whole(objects: Sequence[NamedMask]) -> list[MeasuredGroup]:
    """Regions of one label image are measured together, in one pass; structures one after the other."""
    labels = {id(one.mask.labels): one.mask.labels for one in objects if isinstance(one.mask, LabelMask)}
    groups = []
    for array in labels.values():
        rows = (
            MeasuredObject(one.mask.label, one.id, one.name, one.parent)
            for one in objects
            if isinstance(one.mask, LabelMask) and one.mask.labels is array
        )
        groups.append(MeasuredGroup(array, tuple(rows)))
    others = [one for one in objects if not isinstance(one.mask, LabelMask)]
    return groups + [MeasuredGroup.of_mask(one.mask, one.id, one.name, one.parent) for one in others]


def _in_pieces(one: NamedMask, found: Instances) -> MeasuredGroup:
    pieces = range(1, found.count + 1)
    rows = tuple(MeasuredObject(piece, piece, f"{one.name} #{piece}", one.name) for piece in pieces)
    return MeasuredGroup(found.data, rows, found.data.box)
