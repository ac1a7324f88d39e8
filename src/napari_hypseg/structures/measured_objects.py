"""What is measured: objects in an array, the grid they lie on, and the structure distances are taken to."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.volumes import Box, LazyArray, Vector3


@dataclass(frozen=True)
class MeasuredObject:
    """A row of the table.

    Parameters
    ----------
    label
        Its value in the array of its group, from 1.
    id
        Number that is shown.
    name, parent
        What it is called, and what it is a part of; empty if it is none.
    """

    label: int
    id: int
    name: str
    parent: str = ""


@dataclass(frozen=True, eq=False)
class MeasuredGroup:
    """Objects that do not overlap, in one array. Structures that lie in one another are groups of their own.

    Parameters
    ----------
    labels
        (z, y, x), bool or unsigned integers; 0 is outside. Values that belong to no object are passed over.
    objects
        What is measured.
    box
        Part of the grid outside of which there is nothing, None for the whole.
    """

    labels: LazyArray
    objects: tuple[MeasuredObject, ...]
    box: Box | None = None

    @classmethod
    def of_mask(cls, mask: LazyArray, id: int, name: str, parent: str = "", box: Box | None = None) -> "MeasuredGroup":
        """The voxels of a mask that are above 0, as one object."""
        return cls(MaskLabels(mask), (MeasuredObject(1, id, name, parent),), box)


@dataclass(frozen=True, eq=False)
class MeasuredPlace:
    """The grid on which is measured, and its grey values.

    Parameters
    ----------
    voxel_size, unit, origin
        As in `Volume`.
    channels
        Grey values (z, y, x) of each channel; empty where they are not wanted or cannot be had.
    """

    voxel_size: Vector3 = (1.0, 1.0, 1.0)
    unit: str = "pixel"
    origin: Vector3 = (0.0, 0.0, 0.0)
    channels: tuple[LazyArray, ...] = ()


@dataclass(frozen=True, eq=False)
class DistanceTarget:
    """The structure to which distances are measured: its name and its mask (z, y, x)."""

    name: str
    mask: LazyArray


@dataclass(frozen=True, eq=False)
class MaskLabels:
    """A mask (z, y, x) of any numbers as labels: 1 where it is above 0."""

    mask: LazyArray

    @property
    def shape(self) -> tuple[int, ...]:
        """Grid (z, y, x)."""
        return self.mask.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """uint8."""
        return np.dtype(np.uint8)

    @property
    def chunks(self) -> Any:
        """Of the mask, None if it has none."""
        return getattr(self.mask, "chunks", None)

    def __getitem__(self, index: Any) -> npt.NDArray[np.uint8]:
        """Labels of a part."""
        return np.asarray(np.asarray(self.mask[index]) > 0).view(np.uint8)


class KnownLabels:
    """An array of labels in which those that are not measured are 0.

    Parameters
    ----------
    group
        Its array and what is measured in it.
    """

    def __init__(self, group: MeasuredGroup) -> None:
        self._labels, self.shape = group.labels, group.labels.shape
        self.chunks: Any = getattr(group.labels, "chunks", None)
        self.rows = np.array([one.label for one in group.objects], dtype=np.intp)
        self.n_labels = int(self.rows.max(initial=0))
        self.dtype = np.min_scalar_type(self.n_labels)
        self._table = np.zeros(self.n_labels + 2, dtype=self.dtype)
        self._table[self.rows] = self.rows

    def __getitem__(self, index: Any) -> npt.NDArray[Any]:
        """Labels of a part, from 0 to `n_labels`."""
        values = np.asarray(self._labels[index])
        values = values.view(np.uint8) if values.dtype == bool else values
        unknown = min(len(self._table) - 1, int(np.iinfo(values.dtype).max))
        return np.asarray(self._table[np.minimum(values, unknown)])
