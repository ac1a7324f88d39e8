"""Shortest distance from each of many objects to another structure, in world units; one plane in memory at a time."""

from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress, Stage
from napari_hypseg.structures.distance_planes import (
    CELL,
    FAR,
    PlaneNumbers,
    occupied_cells,
    plane_squares,
    planes_before,
    planes_behind,
    reach_of_cells,
)
from napari_hypseg.structures.mask_slabs import Mask, read_mask, slab_boxes
from napari_hypseg.volumes import Box, LazyArray, Vector3

Floats = npt.NDArray[np.float64]
PLANES_PER_REPORT = 4


def nearest_distances_job(
    labels: LazyArray, n_labels: int, box: Box, target: LazyArray, voxel_size: Vector3
) -> Job[Floats]:
    """Distance (n_labels + 1,) from each label to a structure, NaN where one of the two is empty.

    It is the shortest one between the centres of two voxels: 0 where the two overlap, one edge where they touch.

    Parameters
    ----------
    labels
        (z, y, x) from 0 to `n_labels`.
    n_labels, box
        Largest label, and the part of the grid in which they are looked for.
    target
        Mask (z, y, x) of the structure on the same grid; voxels above 0 count.
    voxel_size
        Edge lengths (z, y, x) of a voxel.
    """
    slabs = list(slab_boxes(Box.whole(target.shape), target))
    behind, cells = yield from _look_ahead_job(target, slabs)
    if not cells.any():
        return np.full(n_labels + 1, np.nan)
    reach = reach_of_cells(cells, voxel_size)
    squares = np.full(n_labels + 1, np.inf)
    plane_shape = slabs[0].shape[1:]
    before = np.full(plane_shape, -FAR, dtype=np.int32)
    for slab, after in zip(slabs, behind, strict=True):
        inside = read_mask(target, slab)
        earlier = list(planes_before(inside, slab.start[0], before))
        later = list(planes_behind(inside, slab.start[0], after))[::-1]
        before = earlier[-1]
        wanted = slab.intersect(Box((box.start[0], 0, 0), (box.stop[0], *plane_shape)))
        values = np.asarray(labels[wanted.slices]) if wanted.shape[0] else np.zeros((0, *plane_shape), np.uint8)
        for z, plane in enumerate(values, start=wanted.start[0]):
            if plane.any():
                place = z - slab.start[0]
                steps = np.minimum(z - earlier[place], later[place] - z)
                far = float(reach[z // CELL][occupied_cells(plane > 0)].max())
                _take_minimum(squares, plane, steps, voxel_size, far)
            if z % PLANES_PER_REPORT == 0:
                yield Progress(Stage.MEASURE, z, slabs[-1].stop[0])
        yield Progress(Stage.MEASURE, slab.stop[0], slabs[-1].stop[0])
    return np.sqrt(np.where(np.isfinite(squares), squares, np.nan))


def _look_ahead_job(target: LazyArray, slabs: list[Box]) -> Job[tuple[list[PlaneNumbers], Mask]]:
    """The first plane (y, x) of the structure behind each slab, `FAR` where there is none, and the cells it is in."""
    following = np.full(slabs[0].shape[1:], FAR, dtype=np.int32)
    cells = np.zeros([-(-n // CELL) for n in target.shape], dtype=bool)
    found = []
    for number, slab in enumerate(reversed(slabs), start=1):
        found.append(following)
        inside = read_mask(target, slab)
        for z, plane in enumerate(inside, start=slab.start[0]):
            if plane.any():
                cells[z // CELL] |= occupied_cells(plane)
        *_, following = planes_behind(inside, slab.start[0], following)
        yield Progress(Stage.MEASURE, number, len(slabs))
    return found[::-1], cells


def _take_minimum(
    squares: Floats, labels: npt.NDArray[Any], steps: PlaneNumbers, voxel_size: Vector3, reach: float
) -> None:
    """Lower `squares` (n_labels + 1,), squared distances, to those that a plane of labels (y, x) has.

    No voxel with a label is farther than `reach` from the structure.
    """
    rows = np.flatnonzero(labels.any(axis=1))
    wanted = slice(int(rows[0]), int(rows[-1]) + 1)
    distances = plane_squares(steps, voxel_size, reach, wanted)
    present = labels[wanted] > 0
    np.minimum.at(squares, labels[wanted][present], distances[present].astype(np.float64))
