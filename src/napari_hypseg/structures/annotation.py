"""What a person has made of the leaves so far: structures, painted corrections and local choices of regions.

A frozen value. An edit makes another one of it; the history keeps the edits. Every voxel has one owner at most, the
innermost structure that holds it, so that structures never overlap but for lying inside one another.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import SettingError
from napari_hypseg.structures.local_cut import LocalCut
from napari_hypseg.structures.painting import Painting
from napari_hypseg.structures.structure import Structure

Owners = npt.NDArray[np.uint16]
Place = tuple[float, float, float]
"""In voxels (z, y, x) of a specimen."""


@dataclass(frozen=True, eq=False)
class Annotation:
    """Structures over K leaves.

    Parameters
    ----------
    owners
        uint16 (K+1,), read-only: id of the structure that holds each leaf id, 0 for none; entry 0, outside, is 0.
    structures
        By id, in the order in which they were made.
    painting
        Voxels that are not in the structure of their leaf.
    local_cuts
        What was opened and closed by hand, by the name of the tree.
    junk
        Places of particles that were marked as junk, by structure and number of the specimen.
    next_id
        Id of the structure that is made next.
    """

    owners: Owners
    structures: Mapping[int, Structure] = field(default_factory=lambda: MappingProxyType({}))
    painting: Painting = field(default_factory=Painting)
    local_cuts: Mapping[str, LocalCut] = field(default_factory=lambda: MappingProxyType({}))
    junk: Mapping[tuple[int, int], frozenset[Place]] = field(default_factory=lambda: MappingProxyType({}))
    next_id: int = 1

    @classmethod
    def empty(cls, n_leaves: int) -> "Annotation":
        """Nothing made yet."""
        return cls(_frozen(np.zeros(n_leaves + 1, dtype=np.uint16)))

    @property
    def n_leaves(self) -> int:
        """Number of leaves K."""
        return len(self.owners) - 1

    def structure(self, which: int | str) -> Structure:
        """A structure by its id or name.

        Raises
        ------
        SettingError
            Naming the structures there are.
        """
        for one in self.structures.values():
            if which in (one.id, one.name):
                return one
        there = ", ".join(one.name for one in self.structures.values()) or "none yet"
        raise SettingError(f"There is no structure {which!r}; structures: {there}.")

    def children(self, parent: int | None) -> list[Structure]:
        """Structures that lie directly inside `parent`, or for None those that stand alone."""
        return [one for one in self.structures.values() if one.parent == parent]

    def family(self, structure: int) -> list[int]:
        """Ids of a structure and of all that lie inside it, however deep; the whole of it."""
        found = [structure]
        for one in found:
            found.extend(child.id for child in self.children(one))
        return found

    def is_inside(self, structure: int, other: int) -> bool:
        """Whether `structure` is `other` or lies inside it."""
        return structure in self.family(other)

    def leaves(self, structure: int, whole: bool = True) -> npt.NDArray[np.bool_]:
        """Leaves (bool, K) of a structure, with those of what lies inside it if `whole`."""
        ids = self.family(structure) if whole else [structure]
        return np.asarray(np.isin(self.owners[1:], ids))

    def free_leaves(self) -> npt.NDArray[np.bool_]:
        """Leaves (bool, K) in no structure, which are shown as regions of the cut."""
        return np.asarray(self.owners[1:] == 0)

    def local_cut(self, tree: str) -> LocalCut:
        """What was opened and closed by hand in a tree."""
        return self.local_cuts.get(tree, LocalCut())

    def with_owner(self, leaves: npt.NDArray[np.bool_], structure: int) -> "Annotation":
        """The leaves (bool, K) given to a structure, 0 for none."""
        owners = self.owners.copy()
        owners[1:][leaves] = structure
        return replace(self, owners=_frozen(owners))

    def with_structure(self, structure: Structure) -> "Annotation":
        """With a structure, new or in place of the one with its id."""
        return replace(self, structures=MappingProxyType({**self.structures, structure.id: structure}))

    def with_local_cut(self, tree: str, local: LocalCut) -> "Annotation":
        """With other local choices in a tree."""
        others = {name: kept for name, kept in self.local_cuts.items() if name != tree}
        return replace(self, local_cuts=MappingProxyType({**others, tree: local} if local else others))

    def with_junk(self, structure: int, specimen: int, places: frozenset[Place]) -> "Annotation":
        """With other places of junk in a structure of a specimen."""
        return replace(self, junk=MappingProxyType({**self.junk, (structure, specimen): places}))

    def junk_places(self, structure: int, specimen: int) -> frozenset[Place]:
        """Places of particles of a structure that were marked as junk."""
        return self.junk.get((structure, specimen), frozenset())

    def free_name(self, wanted: str) -> str:
        """`wanted`, with a number where there is such a structure already."""
        taken = {one.name for one in self.structures.values()}
        if wanted not in taken:
            return wanted
        return next(name for number in range(2, len(taken) + 3) if (name := f"{wanted} {number}") not in taken)


def _frozen(owners: Owners) -> Owners:
    owners.setflags(write=False)
    return owners
