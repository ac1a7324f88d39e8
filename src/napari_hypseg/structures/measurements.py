"""What a structure, a region or a piece measures: size, surface, place, grey values and distance to another."""

from collections.abc import Sequence

import numpy as np

from napari_hypseg.jobs import Job, Progress, Stage
from napari_hypseg.structures.mask_slabs import slab_boxes
from napari_hypseg.structures.measured_objects import DistanceTarget, KnownLabels, MeasuredGroup, MeasuredPlace
from napari_hypseg.structures.measurement_columns import MeasuredValues, measurement_table
from napari_hypseg.structures.measurement_table import MeasurementTable
from napari_hypseg.structures.nearest_distance import nearest_distances_job
from napari_hypseg.structures.surface_area import SurfaceCrossings
from napari_hypseg.structures.voxel_moments import VoxelMoments
from napari_hypseg.volumes import Box


def measure_job(
    groups: Sequence[MeasuredGroup], place: MeasuredPlace, target: DistanceTarget | None = None
) -> Job[MeasurementTable]:
    """Measure every object, slab by slab, yielding ``Progress("measure", …)``.

    Sizes are given in the one of nm, µm and mm that suits the median object, positions in the unit of the voxel size,
    and everything in pixels where that is not known.

    Parameters
    ----------
    groups
        At least one, all on one grid (z, y, x).
    place
        Where the grid lies, and its grey values.
    target
        To measure distances to.
    """
    measured = []
    for number, group in enumerate(groups):
        measured.append((yield from _group_job(group, place, target, number, len(groups))))
    return measurement_table(groups, measured, place, target)


def _group_job(
    group: MeasuredGroup, place: MeasuredPlace, target: DistanceTarget | None, number: int, n_groups: int
) -> Job[MeasuredValues]:
    """Measure group `number` of `n_groups`."""
    box = group.box or Box.whole(group.labels.shape)
    known = KnownLabels(group)
    rows, n_labels = known.rows, known.n_labels
    moments = VoxelMoments(n_labels, len(place.channels), Box.whole(group.labels.shape).shape)
    crossings = SurfaceCrossings(n_labels, (box.shape[1], box.shape[2]))
    for slab in slab_boxes(box, group.labels):
        labels = known[slab.slices]
        crossings.add(labels)
        if labels.any():
            moments.add(labels, slab, [np.asarray(channel[slab.slices]) for channel in place.channels])
        done = number + (slab.stop[0] - box.start[0]) / box.shape[0]
        yield Progress(Stage.MEASURE, done, n_groups)
    distances = np.full(n_labels + 1, np.nan)
    if target is not None:
        distances = yield from nearest_distances_job(known, n_labels, box, target.mask, place.voxel_size)
    return MeasuredValues(
        moments.counts[rows],
        crossings.areas(place.voxel_size)[rows],
        moments.centroids()[rows],
        moments.means()[:, rows],
        moments.deviations()[:, rows],
        distances[rows],
        moments.touches_edge[rows],
    )
