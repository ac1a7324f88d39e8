"""Structures that two projects with the same leaves share: as they were when both agreed, and what changed since."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.storage.json_text import validated
from napari_hypseg.structures.annotation import Annotation, Owners
from napari_hypseg.structures.leaf_ranges import from_ranges, to_ranges
from napari_hypseg.structures.structure import Structure

Leaves = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class LeafChanges:
    """Leaves (bool, K) that a structure has got, and those that it has lost, with what lies inside it."""

    added: Leaves
    taken: Leaves

    def __bool__(self) -> bool:
        return bool(self.added.any() or self.taken.any())


@dataclass(frozen=True)
class CarriedStructure:
    """One structure as it was when both projects agreed.

    Parameters
    ----------
    there, here
        Its id in the project it was carried from, and in the one it was carried to; 0 if it was left out there.
    name, colour, parent
        Of it there.
    leaves_there, leaves_here
        Its own leaves, as ranges.
    """

    there: int
    here: int
    name: str
    colour: tuple[float, float, float]
    parent: int | None
    leaves_there: str
    leaves_here: str


@dataclass(frozen=True, eq=False)
class CarriedState:
    """What two projects agreed on.

    Parameters
    ----------
    structures
        As they were there, by their ids there; `id` is that there.
    ids
        Their ids here by those there; 0 for one that was left out.
    there, here
        uint16 (K+1,): the owner of each leaf id, by ids there and by ids here.
    """

    structures: Mapping[int, Structure]
    ids: Mapping[int, int]
    there: Owners
    here: Owners

    @classmethod
    def of(cls, there: Annotation, here: Annotation, ids: Mapping[int, int]) -> "CarriedState":
        """Both as they are now; `ids` are those here by those there."""
        return cls(there.structures, {one: ids.get(one, 0) for one in there.structures}, there.owners, here.owners)

    @classmethod
    def from_json(cls, record: Any, n_leaves: int) -> "CarriedState":
        """From plain values, over `n_leaves` leaves.

        Raises
        ------
        ValueError
            If they are none of these.
        """
        found = [validated(CarriedStructure, one) for one in record]
        there, here = (np.zeros(n_leaves + 1, dtype=np.uint16) for _ in range(2))
        for one in found:
            there[1:][from_ranges(one.leaves_there, n_leaves)] = one.there
            here[1:][from_ranges(one.leaves_here, n_leaves)] = one.here
        structures = {one.there: Structure(one.there, one.name, one.colour, one.parent) for one in found}
        return cls(structures, {one.there: one.here for one in found}, there, here)

    def as_json(self) -> list[dict[str, Any]]:
        """Plain values."""
        return [
            asdict(
                CarriedStructure(
                    one.id,
                    self.ids[one.id],
                    one.name,
                    one.colour,
                    one.parent,
                    _ranges(self.there, one.id),
                    _ranges(self.here, self.ids[one.id]),
                )
            )
            for one in self.structures.values()
        ]

    def with_structure(self, one: Structure, here: int) -> "CarriedState":
        """With a structure as it is there now, new or in place of what was known of it."""
        return replace(self, structures={**self.structures, one.id: one}, ids={**self.ids, one.id: here})

    def without(self, there: int) -> "CarriedState":
        """Without a structure, by its id there."""
        structures = {one: kept for one, kept in self.structures.items() if one != there}
        ids = {one: here for one, here in self.ids.items() if one != there}
        owners = np.where(self.there == there, 0, self.there), np.where(self.here == self.ids[there], 0, self.here)
        return CarriedState(structures, ids, *(one.astype(np.uint16) for one in owners))

    def agreed(self, structure: int, changes: LeafChanges, there: Annotation, here: Annotation) -> "CarriedState":
        """The state once `changes` of a structure, by its id there, were done in both projects.

        `there` and `here` say what lies inside what.
        """
        return replace(
            self,
            there=_corrected(self.there, there, structure, changes),
            here=_corrected(self.here, here, self.ids[structure], changes),
        )


def leaf_changes(before: Owners, now: Annotation, structure: int) -> LeafChanges:
    """What a structure has got and lost since leaves had the owners `before` (K+1,)."""
    held, holds = np.isin(before[1:], now.family(structure)), now.leaves(structure)
    return LeafChanges(holds & ~held, held & ~holds)


def outermost_first(annotation: Annotation) -> list[Structure]:
    """All structures, each after the one that it lies inside."""
    found = annotation.children(None)
    for one in found:
        found.extend(annotation.children(one.id))
    return found


def _ranges(owners: Owners, structure: int) -> str:
    """The leaves of a structure; none of one that was left out."""
    return to_ranges(np.flatnonzero(owners[1:] == structure)) if structure else ""


def _corrected(owners: Owners, annotation: Annotation, structure: int, changes: LeafChanges) -> Owners:
    held, after = np.isin(owners[1:], annotation.family(structure)), owners.copy()
    after[1:][changes.added & ~held] = structure
    after[1:][changes.taken & held] = annotation.structure(structure).parent or 0
    return after
