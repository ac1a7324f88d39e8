"""Painted corrections: single voxels that were given to a structure or taken out of all, whatever their leaf.

Kept in small cubes, only where something was painted; a new state shares all cubes that did not change with the one
before, so that hundreds of states for undo cost little more than one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from napari_hypseg.structures.voxel_runs import Runs, voxels_of
from napari_hypseg.volumes.box import Index3

EDGE = 32
"""Edge of a cube in voxels."""
UNPAINTED = 0
ERASED = 1
"""Value of a voxel that was taken out of every structure; those given to structure *s* have the value *s* + 1."""
Cube = npt.NDArray[np.uint16]
Place = tuple[int, int, int, int]
"""Specimen, and the cube's place (z, y, x) in cubes."""


@dataclass(frozen=True, eq=False)
class Painting:
    """Painted voxels of all specimens.

    Parameters
    ----------
    cubes
        uint16 (32, 32, 32), read-only: the values of the voxels of a cube.
    """

    cubes: Mapping[Place, Cube] = field(default_factory=lambda: MappingProxyType({}))

    def __bool__(self) -> bool:
        return bool(self.cubes)

    def paint(self, specimen: int, shape: Index3, runs: Runs, structure: int | None) -> "Painting":
        """Give voxels to a structure, or for None take them out of all.

        Parameters
        ----------
        specimen
            Its number.
        shape
            Its grid (z, y, x).
        runs
            Voxels, see `Runs`.
        structure
            Its id.
        """
        value = ERASED if structure is None else structure + 1
        voxels = np.stack(np.unravel_index(voxels_of(runs), shape), axis=1)
        places, cube_of = np.unique(voxels // EDGE, axis=0, return_inverse=True)
        order = np.argsort(cube_of.ravel(), kind="stable")
        bounds = np.searchsorted(cube_of.ravel()[order], np.arange(len(places) + 1))
        cubes = dict(self.cubes)
        for number, (z, y, x) in enumerate(places.tolist()):
            inside = voxels[order[bounds[number] : bounds[number + 1]]] % EDGE
            place = (specimen, z, y, x)
            cube = cubes[place].copy() if place in cubes else np.zeros((EDGE,) * 3, dtype=np.uint16)
            cube[tuple(inside.T)] = value
            cube.setflags(write=False)
            cubes[place] = cube
        return Painting(MappingProxyType(cubes))

    def replaced(self, values: Mapping[int, int]) -> "Painting":
        """With other values in place of some; cubes in which nothing is left go."""
        last = max([*values, *(int(cube.max()) for cube in self.cubes.values())])
        table: Cube = np.arange(last + 1, dtype=np.uint16)
        for old, new in values.items():
            table[old] = new
        cubes: dict[Place, Cube] = {}
        for place, cube in self.cubes.items():
            changed: Cube = table[cube] if np.isin(cube, list(values)).any() else cube
            if changed.any():
                changed.setflags(write=False)
                cubes[place] = changed
        return Painting(MappingProxyType(cubes))

    def in_box(self, specimen: int, start: Index3, stop: Index3) -> Iterator[tuple[tuple[slice, ...], Cube]]:
        """The painted parts of a box: where in the box each lies, and its values."""
        if not self.cubes:
            return
        spans = [range(a // EDGE, -(-b // EDGE)) for a, b in zip(start, stop, strict=True)]
        for z, y, x in product(*spans):
            corner = (z, y, x)
            cube = self.cubes.get((specimen, z, y, x))
            if cube is None:
                continue
            first = [max(a, c * EDGE) for a, c in zip(start, corner, strict=True)]
            last = [min(b, (c + 1) * EDGE) for b, c in zip(stop, corner, strict=True)]
            inner = tuple(slice(f - c * EDGE, e - c * EDGE) for f, e, c in zip(first, last, corner, strict=True))
            outer = tuple(slice(f - a, e - a) for f, e, a in zip(first, last, start, strict=True))
            yield outer, cube[inner]
