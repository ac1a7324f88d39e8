"""Dragging the sides and corners of a box: pure geometry, in voxels of the full grid.

Voxel *i* covers ``[i - 0.5, i + 0.5)``, so the sides of a box stand at ``start - 0.5`` and ``stop - 0.5``.
"""

from collections.abc import Sequence
from itertools import product

from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.volume import Vector3

START, STOP = 0, 1
Grip = frozenset[tuple[int, int]]
"""The sides in hand, each as (axis, `START` or `STOP`)."""
NOTHING: Grip = frozenset()


def within(box: Box, shape: Index3) -> Box:
    """The box nearest to `box` that lies in a grid of `shape` and holds a voxel at least."""
    (z0, z1), (y0, y1), (x0, x1) = (
        _range(start, stop, n) for start, stop, n in zip(box.start, box.stop, shape, strict=True)
    )
    return Box((z0, y0, x0), (z1, y1, x1))


def grip_at(box: Box, position: Sequence[float], axes: Sequence[int], reach: Sequence[float]) -> Grip:
    """The sides within reach of a position: one at an edge of the rectangle, two at a corner.

    Parameters
    ----------
    position
        Voxel (z, y, x), not rounded.
    axes
        The two axes in view; sides along the third are out of reach.
    reach
        Distance (z, y, x) in voxels that still counts as being on a side.
    """
    sides = set()
    for axis in axes:
        distances = [abs(position[axis] - side) for side in _sides(box, axis)]
        end = START if distances[START] < distances[STOP] else STOP
        if distances[end] <= reach[axis]:
            sides.add((axis, end))
        elif not holds(box, position, (axis,)):
            return NOTHING
    return frozenset(sides)


def whole(axes: Sequence[int]) -> Grip:
    """All four sides of the rectangle in view: what moves is the box."""
    return frozenset(product(axes, (START, STOP)))


def holds(box: Box, position: Sequence[float], axes: Sequence[int]) -> bool:
    """Whether a position (voxel z, y, x, not rounded) lies in the box along `axes`."""
    return all(low <= position[axis] < high for axis in axes for low, high in (_sides(box, axis),))


def dragged(box: Box, grip: Grip, offset: Vector3, shape: Index3) -> Box:
    """The box after its sides in hand were moved, as far as the grid and the opposite sides allow.

    Parameters
    ----------
    offset
        Way (z, y, x) of the hand in voxels.
    shape
        Grid the box lies in.
    """
    (z0, z1), (y0, y1), (x0, x1) = (
        _moved(box.start[axis], box.stop[axis], grip, axis, round(offset[axis]), shape[axis]) for axis in range(3)
    )
    return Box((z0, y0, x0), (z1, y1, x1))


def _moved(start: int, stop: int, grip: Grip, axis: int, way: int, n: int) -> tuple[int, int]:
    ends = {end for along, end in grip if along == axis}
    if ends == {START, STOP}:
        way = min(max(way, -start), n - stop)
        return start + way, stop + way
    if START in ends:
        return min(max(start + way, 0), stop - 1), stop
    return (start, max(min(stop + way, n), start + 1)) if ends else (start, stop)


def _sides(box: Box, axis: int) -> tuple[float, float]:
    return box.start[axis] - 0.5, box.stop[axis] - 0.5


def _range(start: int, stop: int, n: int) -> tuple[int, int]:
    low = min(max(start, 0), n - 1)
    return low, min(max(stop, low + 1), n)
