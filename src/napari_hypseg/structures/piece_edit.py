"""The connected piece of a region at one place, added to a structure or taken from it, as an edit."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.hierarchy.lookup_array import LookupArray
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.structures.annotation import Annotation
from napari_hypseg.structures.division import piece_voxels
from napari_hypseg.structures.edits import AddLeaves, PaintVoxels, TakeLeaves
from napari_hypseg.structures.leaf_ranges import to_ranges
from napari_hypseg.structures.selection import covering_nodes
from napari_hypseg.structures.stroke import stroke_edit
from napari_hypseg.structures.structure_arrays import OwnerArray, StructureMask
from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.volume import LazyArray


@dataclass(frozen=True, eq=False)
class PiecePlace:
    """Where a piece is: a voxel (z, y, x) of a specimen with the leaf ids (z, y, x) that are read there."""

    leaves: LazyArray
    specimen: int
    voxel: Index3


def piece_edit(
    annotation: Annotation, place: PiecePlace, structure: int, tree: Hierarchy, node: int, adds: bool
) -> AddLeaves | TakeLeaves | PaintVoxels | None:
    """The edit that gives a structure the piece of a node at a place, or takes it away; None if nothing would change.

    A piece that is made of whole leaves is given or taken as such, so that it can be told in nodes; any other one as
    voxels. What is taken away hangs together in what is in both the node and the structure. Voxels of locked
    structures stay where they are.

    Raises
    ------
    SettingError
        If the structure is locked, nothing of the node, or of the structure, is at the place, or the piece is very
        large.
    """
    own = np.zeros(tree.n_leaves + 1, dtype=bool)
    own[1 + tree.leaves_of(node)] = True
    mask: LazyArray = LookupArray(place.leaves, own)
    if not adds:
        mask = _Both(mask, StructureMask(OwnerArray(place.leaves, annotation, place.specimen), structure))
    voxels = piece_voxels(mask, place.voxel)
    found, whole = _leaves_in(place.leaves, voxels, tree)
    if whole:
        kind = AddLeaves if adds else TakeLeaves
        ranges, nodes = to_ranges(np.flatnonzero(found)), covering_nodes(tree, found)
        return kind(structure=structure, leaves=ranges, tree=tree.name, nodes=nodes)
    return stroke_edit(annotation, place.leaves, place.specimen, structure, voxels, erase=not adds)


def _leaves_in(leaves: LazyArray, voxels: npt.NDArray[np.int64], tree: Hierarchy) -> tuple[npt.NDArray[np.bool_], bool]:
    """The leaves (bool, K) that voxels (n, 3) lie in, and whether all voxels of these are among them."""
    low = voxels.min(0)
    z, y, x = (slice(int(a), int(b)) for a, b in zip(low, voxels.max(0) + 1, strict=True))
    ids = np.asarray(leaves[z, y, x])[tuple((voxels - low).T)].astype(np.int64)
    counts = np.bincount(ids, minlength=tree.n_leaves + 1)[1:]
    found = counts > 0
    return found, bool((counts == tree.sizes[: tree.n_leaves])[found].all())


@dataclass(frozen=True, eq=False)
class _Both:
    """bool: the voxels in both of two masks."""

    first: LazyArray
    second: LazyArray

    @property
    def shape(self) -> tuple[int, ...]:
        """Grid (z, y, x)."""
        return tuple(self.first.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of a voxel."""
        return np.dtype(bool)

    def __getitem__(self, index: Any, /) -> npt.NDArray[np.bool_]:
        return np.asarray(np.asarray(self.first[index]) & np.asarray(self.second[index]))
