"""The orientation of one grid relative to another, and lazy arrays with exchanged or reversed axes.

A person's head may be stored from left to right or from right to left; both hold the same voxels. What differs by the
order and the sense of the axes alone is read as the other needs it: exactly, without resampling and without loading.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.array_base import ArrayBase
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.indexing import per_axis
from napari_hypseg.volumes.volume import Direction, LazyArray, Vector3, Volume


@dataclass(frozen=True)
class Orientation:
    """An exchange and reversal of axes.

    Parameters
    ----------
    axes
        Axis *a* of the result is axis ``axes[a]`` of the source, each of (z, y, x) once.
    flipped
        Whether axis *a* of the result runs against that of the source.
    """

    axes: Index3 = (0, 1, 2)
    flipped: tuple[bool, bool, bool] = (False, False, False)

    @property
    def is_identity(self) -> bool:
        """Whether it changes nothing."""
        return self == Orientation()

    def shape(self, source: Index3) -> Index3:
        """Grid of the result."""
        z, y, x = (source[axis] for axis in self.axes)
        return z, y, x

    def box(self, box: Box, source: Index3) -> Box:
        """Where the voxels of `box`, within a grid of shape `source`, are in the result."""
        ends = [(box.start[axis], box.stop[axis], source[axis]) for axis in self.axes]
        turned = [(n - b, n - a) if flip else (a, b) for (a, b, n), flip in zip(ends, self.flipped, strict=True)]
        (z0, z1), (y0, y1), (x0, x1) = turned
        return Box((z0, y0, x0), (z1, y1, x1))


@dataclass(frozen=True, eq=False)
class ReorientedArray(ArrayBase):
    """The voxels of a lazy array (z, y, x) with its axes exchanged and reversed; only what is asked for is read."""

    array: LazyArray
    orientation: Orientation

    @property
    def shape(self) -> Index3:
        """Grid (z, y, x) of the result."""
        z, y, x = (int(n) for n in self.array.shape)
        return self.orientation.shape((z, y, x))

    @property
    def dtype(self) -> Any:
        """As in the array itself."""
        return self.array.dtype

    def __getitem__(self, index: Any, /) -> Any:
        """``result[index]`` for integers, slices and one ellipsis."""
        source: list[int | slice] = [slice(None)] * 3
        backwards = list[slice]()
        axes, flips = self.orientation.axes, self.orientation.flipped
        for asked, n, axis, flip in zip(per_axis(index), self.shape, axes, flips, strict=True):
            part = range(n)[asked]
            if isinstance(part, int):
                source[axis] = n - 1 - part if flip else part
            else:
                along = range(n - 1 - part.start, n - 1 - part.stop, -part.step) if flip else part
                source[axis] = _forwards(along)
                backwards.append(slice(None, None, -1 if along.step < 0 else 1))
        values = np.asarray(self.array[tuple(source)])
        kept = [axis for axis in range(3) if isinstance(source[axis], slice)]
        order = [kept.index(axis) for axis in axes if axis in kept]
        return values.transpose(order)[tuple(backwards)] if kept else values[()]

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """The whole array in memory."""
        return np.asarray(self[:], dtype=dtype)


def find_orientation(direction: Direction, target: Direction) -> Orientation | None:
    """What brings the axes of a grid nearest to those of a target, None where no exchange comes near.

    Parameters
    ----------
    direction, target
        Direction cosines of the two, as in `Volume`.
    """
    relative = np.linalg.solve(np.asarray(target), np.asarray(direction))
    z, y, x = (int(axis) for axis in np.abs(relative).argmax(axis=1))
    if sorted((z, y, x)) != [0, 1, 2]:
        return None
    flip_z, flip_y, flip_x = (bool(relative[row, axis] < 0) for row, axis in enumerate((z, y, x)))
    return Orientation((z, y, x), (flip_z, flip_y, flip_x))


def reorient(volume: Volume, orientation: Orientation) -> Volume:
    """`volume` with its axes exchanged and reversed; every voxel stays where it is in the world."""
    if orientation.is_identity:
        return volume
    axes, flips = orientation.axes, orientation.flipped
    signs = [-1.0 if flip else 1.0 for flip in flips]
    z, y, x = (volume.voxel_size[axis] for axis in axes)
    last = [(n - 1) * edge for n, edge in zip(volume.shape, volume.voxel_size, strict=True)]
    begins = [volume.origin[axis] + (last[axis] if flip else 0.0) for axis, flip in zip(axes, flips, strict=True)]
    oz, oy, ox = (sign * begin + 0.0 for sign, begin in zip(signs, begins, strict=True))
    return replace(
        volume,
        channels=tuple(ReorientedArray(channel, orientation) for channel in volume.channels),
        voxel_size=(z, y, x),
        origin=(oz, oy, ox),
        direction=None if volume.direction is None else _turned(volume.direction, axes, signs),
    )


def as_direction(matrix: Any) -> Direction:
    """Nine numbers, three rows of three, as a `Direction`."""
    z, y, x = (_vector(row) for row in np.asarray(matrix, dtype=np.float64).tolist())
    return z, y, x


def _turned(direction: Direction, axes: Index3, signs: Sequence[float]) -> Direction:
    return as_direction(np.asarray(direction)[:, list(axes)] * np.asarray(signs) + 0.0)


def _vector(values: Sequence[float]) -> Vector3:
    z, y, x = values
    return z, y, x


def _forwards(along: range) -> slice:
    """Slice of the positions in `along`, in ascending order."""
    ascending = along if along.step > 0 else along[::-1]
    return slice(ascending.start, ascending.stop, ascending.step) if len(ascending) else slice(0, 0)
