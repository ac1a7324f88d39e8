"""The columns of a table of measurements, from the sums that were taken over the voxels."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from napari_hypseg.structures.length_units import readable_unit
from napari_hypseg.structures.measured_objects import DistanceTarget, MeasuredGroup, MeasuredPlace
from napari_hypseg.structures.measurement_table import Column, MeasurementTable
from napari_hypseg.volumes.units import convert, is_length

Floats = npt.NDArray[np.float64]

ID = "Number of the structure, region or piece; pieces are numbered by size, the largest first."
NAME = "Name of the structure or region, or of the structure that the piece belongs to."
PARENT = "What it is a part of."
VOXELS = "Number of voxels."
VOLUME = "Number of voxels times the volume of one."
SURFACE = "Surface area, from the crossings of lines along 13 directions with the surface (Cauchy–Crofton)."
DIAMETER = "Diameter of the ball of the same volume."
CENTROID = "Mean position of the voxels in the world, along the axes of the volume."
MEAN = "Mean grey value of the voxels."
DEVIATION = "Standard deviation of the grey values of the voxels."
DISTANCE = "Shortest distance to the other structure, between the centres of the nearest voxels; 0 where they overlap."
TOUCHES_EDGE = "Whether it reaches a face of the volume, and so may go on beyond it."


@dataclass(frozen=True, eq=False)
class MeasuredValues:
    """Values (n,) of each object of a group, lengths in voxel indices or the unit of the voxel size."""

    voxels: npt.NDArray[np.int64]
    surfaces: Floats
    centroids: Floats
    means: Floats
    deviations: Floats
    distances: Floats
    touches_edge: npt.NDArray[np.bool_]


def measurement_table(
    groups: Sequence[MeasuredGroup],
    measured: Sequence[MeasuredValues],
    place: MeasuredPlace,
    target: DistanceTarget | None,
) -> MeasurementTable:
    """The columns, from what was measured in each group."""
    objects = [one for group in groups for one in group.objects]
    voxels = np.concatenate([one.voxels for one in measured])
    edges = np.asarray(place.voxel_size, dtype=np.float64)
    volumes = voxels * edges.prod()
    unit = readable_unit(place.unit, volumes.tolist())
    length = convert(1.0, place.unit, unit) if is_length(place.unit) else 1.0
    volumes = volumes * length**3
    centroids = np.concatenate([one.centroids for one in measured]) * edges + np.asarray(place.origin)
    columns = [
        Column("id", "Id", np.array([one.id for one in objects], np.int64), description=ID),
        Column("name", "Name", np.array([one.name for one in objects], object), description=NAME),
        Column("parent", "Parent", np.array([one.parent for one in objects], object), description=PARENT),
        Column("voxels", "Voxels", voxels, description=VOXELS),
        Column("volume", "Volume", volumes, unit, 3, VOLUME),
        Column("surface", "Surface", np.concatenate([m.surfaces for m in measured]) * length**2, unit, 2, SURFACE),
        Column("equivalent_diameter", "Diameter", np.cbrt(6 * volumes / np.pi), unit, 1, DIAMETER),
        *(
            Column(f"centroid_{axis}", f"Centroid {axis}", centroids[:, number], place.unit, 1, CENTROID)
            for number, axis in enumerate("zyx")
        ),
        *_grey_columns(measured, len(place.channels)),
    ]
    if target is not None:
        distances = np.concatenate([one.distances for one in measured]) * length
        key = "distance_to_" + re.sub(r"\W+", "_", target.name).strip("_")
        columns.append(Column(key, f"Distance to {target.name}", distances, unit, 1, DISTANCE))
    edge = np.concatenate([one.touches_edge for one in measured])
    return MeasurementTable((*columns, Column("touches_edge", "Touches edge", edge, description=TOUCHES_EDGE)))


def _grey_columns(measured: Sequence[MeasuredValues], n_channels: int) -> list[Column]:
    columns = []
    for channel in range(n_channels):
        suffix, word = (f"_{channel + 1}", f" {channel + 1}") if n_channels > 1 else ("", "")
        means = np.concatenate([one.means[channel] for one in measured])
        deviations = np.concatenate([one.deviations[channel] for one in measured])
        columns.append(Column(f"mean{suffix}", f"Mean{word}", means, description=MEAN))
        columns.append(Column(f"sd{suffix}", f"S.d.{word}", deviations, description=DEVIATION))
    return columns
