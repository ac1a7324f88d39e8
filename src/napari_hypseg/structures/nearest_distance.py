"""Shortest distance from each of many objects to another structure, in world units.

The exact Euclidean distance transform falls apart into one pass along each axis (Saito and Toriwaki, Pattern
Recognition 27, 1994). The pass along z needs no more than the nearest plane of the structure before and after each
voxel; then every plane is a problem of its own, so that distances of one plane are all that is ever in memory.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress, Stage
from napari_hypseg.structures.mask_slabs import Mask, read_mask, slab_boxes
from napari_hypseg.volumes import Box, LazyArray, Vector3

Floats = npt.NDArray[np.float64]
Plane = npt.NDArray[np.float32]
FAR = 1 << 28
"""Planes away: there is none."""
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
    after = yield from _planes_after_job(target, slabs)
    squares = np.full(n_labels + 1, np.inf)
    plane_shape = slabs[0].shape[1:]
    before = np.full(plane_shape, -FAR, dtype=np.int32)
    for slab, behind in zip(slabs, after, strict=True):
        inside = read_mask(target, slab)
        wanted = slab.intersect(Box((box.start[0], 0, 0), (box.stop[0], *plane_shape)))
        values = np.asarray(labels[wanted.slices]) if wanted.shape[0] else np.zeros((0, *plane_shape), np.uint8)
        steps = _steps_along_z(inside, slab.start[0], before, behind)
        for place, plane in enumerate(values, start=wanted.start[0]):
            _take_minimum(squares, plane, steps[place - slab.start[0]], voxel_size)
            if place % PLANES_PER_REPORT == 0:
                yield Progress(Stage.MEASURE, place, slabs[-1].stop[0])
        before = _last_planes(inside, slab.start[0], before)
        yield Progress(Stage.MEASURE, slab.stop[0], slabs[-1].stop[0])
    return np.sqrt(np.where(np.isfinite(squares), squares, np.nan))


def _planes_after_job(target: LazyArray, slabs: list[Box]) -> Job[list[npt.NDArray[np.int32]]]:
    """The first plane (y, x) of the structure behind each slab, `FAR` where there is none."""
    following = np.full(slabs[0].shape[1:], FAR, dtype=np.int32)
    found = []
    for number, slab in enumerate(reversed(slabs), start=1):
        found.append(following)
        inside = read_mask(target, slab)
        first = slab.start[0] + inside.argmax(axis=0)
        following = np.where(inside.any(axis=0), first, following).astype(np.int32)
        yield Progress(Stage.MEASURE, number, len(slabs))
    return found[::-1]


def _last_planes(inside: Mask, start: int, before: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """The last plane (y, x) of the structure up to the end of a slab that begins at plane `start`."""
    last = start + len(inside) - 1 - inside[::-1].argmax(axis=0)
    return np.where(inside.any(axis=0), last, before).astype(np.int32)


def _steps_along_z(
    inside: Mask, start: int, before: npt.NDArray[np.int32], behind: npt.NDArray[np.int32]
) -> npt.NDArray[np.int32]:
    """Planes (z, y, x) from each voxel of a slab to the nearest voxel of the structure above or below it."""
    numbers = np.arange(start, start + len(inside), dtype=np.int32)[:, None, None]
    earlier = np.maximum.accumulate(np.where(inside, numbers, before), axis=0)
    later = np.minimum.accumulate(np.where(inside, numbers, behind)[::-1], axis=0)[::-1]
    return np.minimum(numbers - earlier, later - numbers)


def _take_minimum(squares: Floats, labels: npt.NDArray[Any], steps: npt.NDArray[np.int32], voxel_size: Vector3) -> None:
    """Lower `squares` (n_labels + 1,), squared distances, to those that a plane of labels (y, x) has."""
    rows = np.flatnonzero(labels.any(axis=1))
    if not len(rows):
        return
    along_z = np.where(steps < FAR // 2, steps, np.inf).astype(np.float32) * np.float32(voxel_size[0])
    along_y = _parabolas(along_z**2, voxel_size[1])[rows[0] : rows[-1] + 1]
    distances = _parabolas(along_y.T, voxel_size[2]).T
    here = labels[rows[0] : rows[-1] + 1]
    present = here > 0
    np.minimum.at(squares, here[present], distances[present].astype(np.float64))


def _parabolas(squares: Plane, edge: float) -> Plane:
    """Lowest of the parabolas that stand on the values (n, m) along the first axis."""
    lowest = np.ascontiguousarray(squares)
    squares = lowest.copy()
    for step in range(1, len(squares)):
        cost = np.float32((step * edge) ** 2)
        if step % 8 == 1 and cost >= lowest.max():
            break  # no parabola from so far away is lower anywhere
        np.minimum(lowest[step:], squares[:-step] + cost, out=lowest[step:])
        np.minimum(lowest[:-step], squares[step:] + cost, out=lowest[:-step])
    return lowest
