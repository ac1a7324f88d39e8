"""Shortest distance from each of many objects to another structure, in world units.

The exact Euclidean distance transform falls apart into one pass along each axis (Saito and Toriwaki, Pattern
Recognition 27, 1994). The pass along z needs no more than the nearest plane of the structure before and after each
voxel; then every plane is a problem of its own, so that distances of one plane are all that is ever in memory. A
transform of coarse cells tells beforehand how far one has to look.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from napari_hypseg.jobs import Job, Progress, Stage
from napari_hypseg.structures.mask_slabs import Mask, read_mask, slab_boxes
from napari_hypseg.volumes import Box, LazyArray, Vector3

Floats = npt.NDArray[np.float64]
Plane = npt.NDArray[np.float32]
PlaneNumbers = npt.NDArray[np.int32]
FAR = 1 << 28
"""Planes away: there is none."""
CELL = 8
"""Edge of the coarse cells in voxels."""
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
    squares = np.full(n_labels + 1, np.inf)
    if not cells.any():
        return np.full(n_labels + 1, np.nan)
    reach = _reach(cells, voxel_size)
    plane_shape = slabs[0].shape[1:]
    before = np.full(plane_shape, -FAR, dtype=np.int32)
    for slab, after in zip(slabs, behind, strict=True):
        inside = read_mask(target, slab)
        earlier, later = _planes_around(inside, slab.start[0], before, after)
        before = earlier[-1]
        wanted = slab.intersect(Box((box.start[0], 0, 0), (box.stop[0], *plane_shape)))
        values = np.asarray(labels[wanted.slices]) if wanted.shape[0] else np.zeros((0, *plane_shape), np.uint8)
        for z, plane in enumerate(values, start=wanted.start[0]):
            if plane.any():
                place = z - slab.start[0]
                steps = np.minimum(z - earlier[place], later[place] - z)
                far = float(reach[z // CELL][_pooled(plane > 0)].max())
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
        following = following.copy()
        inside = read_mask(target, slab)
        for z in range(slab.stop[0] - 1, slab.start[0] - 1, -1):
            plane = inside[z - slab.start[0]]
            if plane.any():
                following[plane] = z
                cells[z // CELL] |= _pooled(plane)
        yield Progress(Stage.MEASURE, number, len(slabs))
    return found[::-1], cells


def _planes_around(
    inside: Mask, start: int, before: PlaneNumbers, after: PlaneNumbers
) -> tuple[list[PlaneNumbers], list[PlaneNumbers]]:
    """For each plane of a slab, the last plane (y, x) of the structure up to it and the first one from it on."""
    numbers = range(start, start + len(inside))
    earlier, later = [], []
    for z, plane in zip(numbers, inside, strict=True):
        before = np.where(plane, np.int32(z), before)
        earlier.append(before)
    for z, plane in zip(reversed(numbers), inside[::-1], strict=True):
        after = np.where(plane, np.int32(z), after)
        later.append(after)
    return earlier, later[::-1]


def _reach(cells: Mask, voxel_size: Vector3) -> Floats:
    """How far (z, y, x) the structure is at most from any voxel of each cell."""
    edges = CELL * np.asarray(voxel_size, dtype=np.float64)
    return np.asarray(ndimage.distance_transform_edt(~cells, sampling=edges) + np.linalg.norm(edges))


def _pooled(plane: Mask) -> Mask:
    """Whether there is anything in each square of `CELL` pixels of a plane (y, x)."""
    rows = np.logical_or.reduceat(plane, np.arange(0, plane.shape[0], CELL), axis=0)
    return np.asarray(np.logical_or.reduceat(rows, np.arange(0, plane.shape[1], CELL), axis=1))


def _take_minimum(
    squares: Floats, labels: npt.NDArray[Any], steps: PlaneNumbers, voxel_size: Vector3, reach: float
) -> None:
    """Lower `squares` (n_labels + 1,), squared distances, to those that a plane of labels (y, x) has.

    No voxel with a label is farther than `reach` from the structure.
    """
    rows = np.flatnonzero(labels.any(axis=1))
    heights = np.where(steps < FAR // 2, steps, np.inf).astype(np.float32) * np.float32(voxel_size[0])
    along_y = _parabolas(heights**2, voxel_size[1], reach)[rows[0] : rows[-1] + 1]
    distances = _parabolas(along_y.T, voxel_size[2], reach).T
    here = labels[rows[0] : rows[-1] + 1]
    present = here > 0
    np.minimum.at(squares, here[present], distances[present].astype(np.float64))


def _parabolas(squares: Plane, edge: float, reach: float) -> Plane:
    """Lowest of the parabolas that stand on the values (n, m) along the first axis, none farther away than `reach`."""
    lowest = np.array(squares, order="C")
    squares = lowest.copy()
    feet = squares.min(axis=0)
    feet[np.isinf(feet)] = 0  # a line without a parabola
    for step in range(1, min(len(squares), int(reach / edge) + 2)):
        cost = np.float32((step * edge) ** 2)
        if step % 8 == 1 and cost >= (lowest.max(axis=0) - feet).max():
            break  # no parabola from so far away is lower anywhere
        np.minimum(lowest[step:], squares[:-step] + cost, out=lowest[step:])
        np.minimum(lowest[:-step], squares[step:] + cost, out=lowest[:-step])
    return lowest
