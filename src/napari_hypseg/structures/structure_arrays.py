"""Structures as lazy arrays: read block by block from the leaf ids and the painted corrections."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.structures.annotation import Annotation
from napari_hypseg.structures.painting import ERASED, Cube
from napari_hypseg.structures.structure import MAX_STRUCTURES
from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.cells import cell_between
from napari_hypseg.volumes.volume import LazyArray

Slices = tuple[slice, slice, slice]


@dataclass(frozen=True, eq=False)
class PaintedArray(ABC):
    """Leaf ids of one specimen with painted corrections on top; any NumPy index with steps of 1 can be read.

    Parameters
    ----------
    leaves
        uint16 (z, y, x); leaf ids, 0 outside.
    annotation
        Structures and corrections.
    specimen
        Number of the specimen in the project.
    cell
        Voxels (z, y, x) of which `leaves` holds one value: more than one at lower resolution, where a cell is painted
        as soon as one of its voxels is, so that thin strokes stay visible.
    """

    leaves: LazyArray
    annotation: Annotation
    specimen: int = 0
    cell: Index3 = (1, 1, 1)

    @property
    def shape(self) -> Index3:
        """Grid (z, y, x)."""
        z, y, x = self.leaves.shape
        return int(z), int(y), int(x)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of a voxel."""
        return np.dtype(np.uint16)

    def __getitem__(self, index: Any, /) -> npt.NDArray[Any]:
        start, stop, rest = _box_of(index, self.shape)
        values = self._values(tuple(slice(a, b) for a, b in zip(start, stop, strict=True)))
        return np.asarray(values[rest])

    def _values(self, box: tuple[slice, ...]) -> npt.NDArray[Any]:
        ids = np.asarray(self.leaves[box])
        values = self._from_leaves(ids)
        along = list(zip(box, self.cell, strict=True))
        start, stop = (tuple(getattr(part, end) * edge for part, edge in along) for end in ("start", "stop"))
        for voxels, cube in self.annotation.painting.in_box(self.specimen, start, stop):
            place, painted = _in_cells(voxels, cube, self.cell)
            part = painted > 0
            values[place][part] = self._from_paint(painted[part], ids[place][part])
        return values

    @abstractmethod
    def _from_leaves(self, ids: npt.NDArray[np.uint16]) -> npt.NDArray[Any]: ...

    @abstractmethod
    def _from_paint(self, painted: Cube, ids: npt.NDArray[np.uint16]) -> npt.NDArray[Any]: ...


class OwnerArray(PaintedArray):
    """uint16: id of the innermost structure that holds each voxel, 0 for none."""

    def _from_leaves(self, ids: npt.NDArray[np.uint16]) -> npt.NDArray[Any]:
        return self.annotation.owners[ids]

    def _from_paint(self, painted: Cube, ids: npt.NDArray[np.uint16]) -> npt.NDArray[Any]:
        return painted - ERASED


@dataclass(frozen=True, eq=False)
class StructureMask:
    """bool: the voxels of one structure, with those of what lies inside it.

    Parameters
    ----------
    owners
        Ids of structures.
    structure
        Id of the one.
    """

    owners: OwnerArray
    structure: int

    @property
    def shape(self) -> Index3:
        """Grid (z, y, x)."""
        return self.owners.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of a voxel."""
        return np.dtype(bool)

    def __getitem__(self, index: Any, /) -> npt.NDArray[np.bool_]:
        inside = np.zeros(MAX_STRUCTURES + 1, dtype=bool)
        inside[self.owners.annotation.family(self.structure)] = True
        return np.asarray(inside[self.owners[index]])


class ShownArray(PaintedArray):
    """uint16: what a picture needs to know of each voxel, see `shown_ids`."""

    def _from_leaves(self, ids: npt.NDArray[np.uint16]) -> npt.NDArray[Any]:
        return ids.copy()

    def _from_paint(self, painted: Cube, ids: npt.NDArray[np.uint16]) -> npt.NDArray[Any]:
        of_structure = painted + np.uint16(self.annotation.n_leaves - ERASED)
        erased = ids + np.uint16(self.annotation.n_leaves + MAX_STRUCTURES)
        return np.where(painted == ERASED, np.where(ids > 0, erased, 0), of_structure)


def _in_cells(place: tuple[slice, ...], cube: Cube, cell: Index3) -> tuple[tuple[slice, ...], Cube]:
    """Where painted voxels lie in cells, and what is painted in each: of several structures the last one."""
    if cell == (1, 1, 1):
        return place, cube
    pairs = list(zip(place, cell, strict=True))
    padded = np.pad(cube, [(part.start % edge, -part.stop % edge) for part, edge in pairs])
    (z, y, x), (cz, cy, cx) = padded.shape, cell
    painted: Cube = padded.reshape(z // cz, cz, y // cy, cy, x // cx, cx).max(axis=(1, 3, 5))
    return tuple(slice(part.start // edge, -(-part.stop // edge)) for part, edge in pairs), painted


def shown_array(leaves: LazyArray, annotation: Annotation, specimen: int) -> LazyArray:
    """The leaves, with painted corrections on top where there are any."""
    return ShownArray(leaves, annotation, specimen) if annotation.painting else leaves


def shown_levels(levels: tuple[LazyArray, ...], annotation: Annotation, specimen: int) -> tuple[LazyArray, ...]:
    """`shown_array` at each of several resolutions, the finest first."""
    if not annotation.painting:
        return levels
    (z, y, x), *_ = grids = [tuple(map(int, level.shape)) for level in levels]
    cells = [cell_between((z, y, x), (cz, cy, cx)) for cz, cy, cx in grids]
    return tuple(ShownArray(level, annotation, specimen, cell) for level, cell in zip(levels, cells, strict=True))


def can_be_erased(n_leaves: int) -> bool:
    """Whether erased voxels can be told from others in 16 bits; with more leaves they could not be shown."""
    return shown_ids(n_leaves) <= np.iinfo(np.uint16).max + 1


def shown_ids(n_leaves: int) -> int:
    """Number of values of a `ShownArray`.

    0 … K are leaf ids, K + 1 … K + 1000 voxels painted as structure 1 … 1000, and the K after those voxels of leaf
    id 1 … K that were erased, which are shown as what their leaf would be without structures.
    """
    return 2 * n_leaves + MAX_STRUCTURES + 1


def shown_table(
    of_leaves: npt.NDArray[Any], of_structures: npt.NDArray[Any], annotation: Annotation
) -> npt.NDArray[Any]:
    """A lookup table over the values of a `ShownArray`, or over leaf ids alone while nothing is painted.

    Parameters
    ----------
    of_leaves
        (K+1, …): what each leaf id is in the cut, as if there were no structures.
    of_structures
        (1001, …): what each structure id is; entry 0 is not used.
    annotation
        Who owns each leaf.
    """
    owned = annotation.owners > 0
    table = of_leaves.copy()
    table[owned] = of_structures[annotation.owners[owned]]
    return np.concatenate([table, of_structures[1:], of_leaves[1:]]) if annotation.painting else table


def _box_of(index: Any, shape: Sequence[int]) -> tuple[Index3, Index3, tuple[Any, ...]]:
    """The smallest box that an index reads, and the index into that box."""
    parts = list(index) if isinstance(index, tuple) else [index]
    if Ellipsis in parts:
        place = parts.index(Ellipsis)
        parts[place : place + 1] = [slice(None)] * (len(shape) - len(parts) + 1)
    parts += [slice(None)] * (len(shape) - len(parts))
    starts, stops, rest = [], [], list[Any]()
    for part, size in zip(parts, shape, strict=True):
        if isinstance(part, slice):
            start, stop, step = part.indices(size)
            if step < 1:
                raise IndexError("an array of structures is read forwards")
            starts.append(start)
            stops.append(max(start, stop))
            rest.append(slice(None, None, step))
        else:
            at = range(size)[int(part)]
            starts.append(at)
            stops.append(at + 1)
            rest.append(0)
    z, y, x = starts
    end_z, end_y, end_x = stops
    return (z, y, x), (end_z, end_y, end_x), tuple(rest)
