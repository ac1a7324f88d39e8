"""How many painted voxels of each leaf have each class: what painting changes in a table of leaves and classes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from napari_hypseg.structures.painting import EDGE, Cube, Painting, Place
from napari_hypseg.volumes.volume import LazyArray

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PaintedVoxels:
    """Numbers of painted voxels.

    Parameters
    ----------
    leaves
        int64 (n,); leaf ids, 0 outside.
    values
        int64 (n,); values of the `Painting`.
    classes
        int64 (n,); columns of the table.
    counts
        int64 (n,); how many voxels have all three.
    """

    leaves: Ints
    values: Ints
    classes: Ints
    counts: Ints


class PaintedOverlap:
    """Counts painted voxels of one specimen; cubes that did not change are not counted again.

    Parameters
    ----------
    leaves
        uint16 (z, y, x); leaf ids.
    labels
        (z, y, x); what the classes were counted in.
    classes
        int64 (n,); labels of the columns, ascending. Voxels of other labels are left out.
    specimen
        Number of the specimen in the project.
    """

    def __init__(self, leaves: LazyArray, labels: LazyArray, classes: Ints, specimen: int) -> None:
        self._leaves, self._labels, self._classes, self._specimen = leaves, labels, classes, specimen
        self._cubes: dict[Place, tuple[Cube, Ints]] = {}

    def count(self, painting: Painting) -> PaintedVoxels:
        """All painted voxels of the specimen."""
        parts = [self._rows(place, cube) for place, cube in painting.cubes.items() if place[0] == self._specimen]
        return PaintedVoxels(*np.concatenate([np.zeros((4, 0), dtype=np.int64), *parts], axis=1))

    def _rows(self, place: Place, cube: Cube) -> Ints:
        known = self._cubes.get(place)
        if known is None or known[0] is not cube:
            known = self._cubes[place] = (cube, self._counted(place, cube))
        return known[1]

    def _counted(self, place: Place, cube: Cube) -> Ints:
        box = tuple(slice(edge * EDGE, (edge + 1) * EDGE) for edge in place[1:])
        leaves, labels = np.asarray(self._leaves[box]), np.asarray(self._labels[box]).astype(np.int64)
        values = cube[tuple(slice(n) for n in leaves.shape)]
        columns = np.minimum(np.searchsorted(self._classes, labels), len(self._classes) - 1)
        counted = (values > 0) & (self._classes[columns] == labels)
        triples = np.stack([part[counted].astype(np.int64) for part in (leaves, values, columns)])
        found, counts = np.unique(triples, axis=1, return_counts=True)
        return np.concatenate([found, counts[None]])
