"""Stripes over some leaves: what is suggested and not taken yet, in the colour it would get."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.volumes.volume import LazyArray

STRIPE = 2
"""Voxels of a stripe, and between two."""


@dataclass(frozen=True, eq=False)
class HatchedArray:
    """Values (z, y, x) with those of some leaves cut out in stripes.

    Parameters
    ----------
    values
        What is shown, read with steps of 1.
    hatched
        bool (K+1,): leaf ids under stripes.
    """

    values: LazyArray
    hatched: npt.NDArray[np.bool_]

    @property
    def shape(self) -> tuple[int, ...]:
        """Grid (z, y, x)."""
        return tuple(self.values.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of a voxel."""
        dtype: np.dtype[Any] = np.dtype(self.values.dtype)
        return dtype

    def __getitem__(self, index: Any, /) -> npt.NDArray[Any]:
        values = np.array(self.values[index])
        under = self.hatched[np.where(values < len(self.hatched), values, 0)]
        values[under & (_diagonals(index, self.shape) % (2 * STRIPE) < STRIPE)] = 0
        return values


def hatched_levels(levels: tuple[LazyArray, ...], leaves: npt.NDArray[np.bool_]) -> tuple[LazyArray, ...]:
    """Values at several resolutions with some leaves, bool (K,), under stripes."""
    return tuple(HatchedArray(level, np.append(False, leaves)) for level in levels)


def _diagonals(index: Any, shape: Sequence[int]) -> npt.NDArray[np.intp]:
    """The sum z + y + x of the indices of what an index reads."""
    parts = list(index) if isinstance(index, tuple) else [index]
    if Ellipsis in parts:
        place = parts.index(Ellipsis)
        parts[place : place + 1] = [slice(None)] * (len(shape) - len(parts) + 1)
    parts += [slice(None)] * (len(shape) - len(parts))
    places = [np.arange(size)[part] for part, size in zip(parts, shape, strict=True)]
    total = np.zeros((), dtype=np.intp)
    for place in places:
        total = total[..., None] + place if place.ndim else total + place
    return total
