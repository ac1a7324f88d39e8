"""How many voxels each structure has: those of its leaves, corrected by what was painted."""

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from napari_hypseg.structures.annotation import Annotation
from napari_hypseg.structures.painting import EDGE, ERASED, Cube, Place
from napari_hypseg.structures.structure import MAX_STRUCTURES
from napari_hypseg.volumes.volume import LazyArray

Sizes = npt.NDArray[np.int64]
Counts = tuple[Cube, npt.NDArray[np.uint16], npt.NDArray[np.uint16], Sizes]
"""A cube, and the leaf ids, painted values and numbers of voxels of all pairs of the two that occur in it."""
KEPT = 512
"""Cubes whose counts are kept, of 64 kilobytes each: undo comes back to those of earlier states."""


class StructureSizes:
    """Counts voxels; cubes that were counted lately are not counted again.

    Parameters
    ----------
    leaf_sizes
        int64 (K,): voxels of each leaf over all specimens.
    leaves
        Leaf ids (z, y, x) of each specimen.
    """

    def __init__(self, leaf_sizes: Sizes, leaves: Sequence[LazyArray]) -> None:
        self._leaf_sizes = np.concatenate([[0], leaf_sizes])
        self._leaves = leaves
        self._cubes: OrderedDict[tuple[Place, int], Counts] = OrderedDict()

    def count(self, annotation: Annotation) -> Sizes:
        """Voxels, int64 (1001,), whose innermost structure is each structure id; entry 0 are those in none."""
        sizes = np.bincount(annotation.owners, self._leaf_sizes, MAX_STRUCTURES + 1).astype(np.int64)
        for place, cube in annotation.painting.cubes.items():
            _, leaves, painted, counts = self._counts(place, cube, len(annotation.painting.cubes))
            np.subtract.at(sizes, annotation.owners[leaves], np.where(leaves > 0, counts, 0))
            np.add.at(sizes, painted - ERASED, np.where((leaves > 0) | (painted > ERASED), counts, 0))
        return sizes

    def whole(self, annotation: Annotation) -> dict[int, int]:
        """Voxels of each structure with those of what lies inside it."""
        sizes = self.count(annotation)
        return {one: int(sizes[annotation.family(one)].sum()) for one in annotation.structures}

    def _counts(self, place: Place, cube: Cube, n_cubes: int) -> Counts:
        known = self._cubes.pop((place, id(cube)), None)
        if known is None or known[0] is not cube:
            specimen, *corner = place
            box = tuple(slice(edge * EDGE, (edge + 1) * EDGE) for edge in corner)
            ids = np.asarray(self._leaves[specimen][box])
            part = cube[tuple(slice(n) for n in ids.shape)]
            pairs = ids[part > 0].astype(np.int64) << 16 | part[part > 0]
            found, counts = np.unique(pairs, return_counts=True)
            known = (cube, (found >> 16).astype(np.uint16), (found & 0xFFFF).astype(np.uint16), counts)
        self._cubes[place, id(cube)] = known
        while len(self._cubes) > max(KEPT, n_cubes):
            self._cubes.popitem(last=False)
        return known
