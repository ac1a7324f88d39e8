"""The exact Euclidean distance transform, one plane at a time.

It falls apart into one pass along each axis (Saito and Toriwaki, Pattern Recognition 27, 1994). The pass along z needs
no more than the nearest plane of the structure before and after each voxel; then every plane is a problem of its own.
A transform of coarse cells tells beforehand how far one has to look.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from napari_hypseg.structures.mask_slabs import Mask
from napari_hypseg.volumes import Vector3

Plane = npt.NDArray[np.float32]
PlaneNumbers = npt.NDArray[np.int32]
FAR = 1 << 28
"""Planes away: there is none."""
CELL = 8
"""Edge of the coarse cells in voxels."""


def planes_behind(inside: Mask, start: int, after: PlaneNumbers) -> Iterator[PlaneNumbers]:
    """For each plane of a slab, the last one first, the first plane (y, x) of the structure from it on.

    Parameters
    ----------
    inside
        The structure in the slab (z, y, x).
    start
        Number of the first plane of the slab.
    after
        The first plane of the structure behind the slab, `FAR` where there is none.
    """
    for z in range(start + len(inside) - 1, start - 1, -1):
        after = np.where(inside[z - start], np.int32(z), after)
        yield after


def planes_before(inside: Mask, start: int, before: PlaneNumbers) -> Iterator[PlaneNumbers]:
    """As `planes_behind`, the first plane first: the last plane of the structure up to each, `-FAR` for none."""
    for z, plane in enumerate(inside, start=start):
        before = np.where(plane, np.int32(z), before)
        yield before


def occupied_cells(inside: Mask) -> Mask:
    """Whether anything of a mask (y, x) or (z, y, x) lies in each square or cube of `CELL` voxels."""
    for axis in range(inside.ndim):
        inside = np.logical_or.reduceat(inside, np.arange(0, inside.shape[axis], CELL), axis=axis)
    return inside


def reach_of_cells(cells: Mask, voxel_size: Vector3) -> npt.NDArray[np.float64]:
    """How far (z, y, x) the structure is at most from any voxel of each cell; `cells` are those it is in."""
    edges = CELL * np.asarray(voxel_size, dtype=np.float64)
    return np.asarray(ndimage.distance_transform_edt(~cells, sampling=edges) + np.linalg.norm(edges))


def plane_squares(steps: PlaneNumbers, voxel_size: Vector3, reach: float, rows: slice) -> Plane:
    """Squared distances of some rows of a plane to the structure.

    Parameters
    ----------
    steps
        Planes (y, x) to the nearest voxel of the structure above or below.
    voxel_size
        Edge lengths (z, y, x) of a voxel.
    reach
        What is farther away may come out too far.
    rows
        Rows that are wanted.
    """
    heights = np.where(steps < FAR // 2, steps, np.inf).astype(np.float32) * np.float32(voxel_size[0])
    along_y = _parabolas(heights**2, voxel_size[1], reach)[rows]
    return _parabolas(along_y.T, voxel_size[2], reach).T


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
