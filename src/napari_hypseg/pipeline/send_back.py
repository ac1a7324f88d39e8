"""Corrections made in one applied volume, sent back to the common project: "this belongs to shell everywhere"."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from napari_hypseg.errors import ProjectError, SettingError
from napari_hypseg.pipeline.apply_origin import ApplyOrigin, apply_origin
from napari_hypseg.project.project import SUFFIX, Project
from napari_hypseg.project.project_structures import ProjectStructures
from napari_hypseg.structures.annotation import Annotation
from napari_hypseg.structures.carried_structures import CarriedState, LeafChanges, leaf_changes, outermost_first
from napari_hypseg.structures.edits import CorrectStructure, MakeStructure
from napari_hypseg.structures.leaf_ranges import to_ranges
from napari_hypseg.structures.structure import Structure


@dataclass(frozen=True)
class SentStructure:
    """What was done in the common project.

    Parameters
    ----------
    name
        Of the structure there.
    added, taken
        Leaves that it got and lost.
    made
        Whether it is new there.
    taken_from
        Names of the structures there that leaves were taken away from for it.
    locked
        Leaves that it did not get or lose, as locked structures hold them.
    """

    name: str
    added: int
    taken: int
    made: bool = False
    taken_from: tuple[str, ...] = ()
    locked: int = 0

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    def __str__(self) -> str:
        counts = [f"{count} {'leaf' if count == 1 else 'leaves'}" for count in (self.added, self.taken, self.locked)]
        parts = [f"{counts[0]} added"] * bool(self.added) + [f"{counts[1]} taken away"] * bool(self.taken)
        words = f"{self.name}: {' and '.join(parts) or 'it had all of this already'}"
        words += f", some of them from {', '.join(self.taken_from)}" if self.taken_from else ""
        words += f"; {counts[2]} in locked structures stayed" if self.locked else ""
        return f"{words}{' (a new structure)' if self.made else ''}"


@dataclass(frozen=True)
class SentBack:
    """All that was sent, and sentences about what was not."""

    structures: tuple[SentStructure, ...]
    left_out: tuple[str, ...]


def corrections(applied: Project) -> dict[int, LeafChanges]:
    """What differs from the common project, by the ids of structures here; empty if nothing does.

    Raises
    ------
    ProjectError
        If the record of where it comes from is damaged.
    """
    origin = apply_origin(applied)
    if origin is None or origin.state is None or applied.structures is None:
        return {}
    now = applied.structures.annotation
    known = set(origin.state.ids.values())
    changes = {one: leaf_changes(origin.state.here, now, one) for one in now.structures}
    return {one: change for one, change in changes.items() if change or one not in known}


def origin_of_applied(applied: Project) -> ApplyOrigin:
    """Where an applied project comes from.

    Raises
    ------
    ProjectError
        If it was not made by applying another one, or not wholly.
    """
    origin = apply_origin(applied)
    if origin is None or origin.state is None or applied.structures is None:
        raise ProjectError(f"{applied.path.name} was not made by applying another project; open one that was.")
    return origin


def send_back(applied: Project, source: Project, names: Sequence[str] = ()) -> SentBack:
    """Do the corrections of structures of `applied` in `source` too, each as one edit that can be undone there.

    Painted voxels, names, colours and nesting are not sent.

    Parameters
    ----------
    applied
        Open for writing, or by a job of the window that has it.
    source
        What it was made from; see `ApplyOrigin.open`.
    names
        Of structures in `applied`; by default all that were corrected.

    Raises
    ------
    ProjectError
        If one of the two cannot be written.
    SettingError
        If there is nothing to send, or no such structure.
    """
    origin, structures = origin_of_applied(applied), applied.structures
    assert origin.state is not None
    assert structures is not None
    assert source.structures is not None
    wanted = _wanted(applied, structures.annotation, corrections(applied), names)
    sender = _Sender(structures.annotation, source.structures, applied.path.name.removesuffix(SUFFIX), origin.state)
    with applied.access.job("sending corrections back"):
        for one, changes in wanted:
            sender.send(one, changes)
            origin.with_state(sender.state).write(applied, applied.training)
    if not sender.sent:
        raise SettingError(f"Nothing could be sent back: {', '.join(sender.left_out)}.")
    return SentBack(tuple(sender.sent), tuple(sender.left_out))


def _wanted(
    applied: Project, now: Annotation, found: dict[int, LeafChanges], names: Sequence[str]
) -> list[tuple[Structure, LeafChanges]]:
    """The structures to send with their changes, the outermost first."""
    chosen = [now.structure(name) for name in names] if names else list(now.structures.values())
    painted = _painted(now)
    for one in chosen:
        if names and one.id not in found:
            only_painted = "only voxels were painted, which belong to this volume"
            why = only_painted if one.id in painted else "nothing was corrected since"
            raise SettingError(f"Of {one.name} in {applied.path.name} there is nothing to send: {why}.")
    if not any(one.id in found for one in chosen):
        raise SettingError(f"Nothing was corrected in {applied.path.name} that was not sent already.")
    return [(one, found[one.id]) for one in outermost_first(now) if one in chosen and one.id in found]


class _Sender:
    """Does the corrections one after the other, and keeps what both projects agree on."""

    def __init__(self, here: Annotation, there: ProjectStructures, name: str, state: CarriedState) -> None:
        self._here, self._there, self._name, self.state = here, there, name, state
        self._painted = _painted(here)
        self.sent: list[SentStructure] = []
        self.left_out: list[str] = []

    def send(self, one: Structure, changes: LeafChanges) -> None:
        """Send one structure."""
        ids = {here: there for there, here in self.state.ids.items()}
        made = one.id not in ids
        there = self._made(one, ids) if made else ids[one.id]
        before = self._there.annotation
        if there not in before.structures:
            self.left_out.append(f"{one.name} (it was removed from the common project)")
            return
        held = before.leaves(there)
        wanted = LeafChanges(changes.added & ~held, changes.taken & held)
        try:
            self._correct(there, wanted)
        except SettingError as error:
            self.left_out.append(f"{one.name} ({str(error).rstrip('.')})")
            return
        after = self._there.annotation
        holds = after.leaves(there)
        done = LeafChanges(changes.added & holds, changes.taken & ~holds)
        self.state = self.state.agreed(there, done, after, self._here)
        self.sent.append(_sent(before, after, there, wanted, made))
        if one.id in self._painted:
            self.left_out.append(f"painted voxels of {one.name}, which belong to this volume")

    def _correct(self, there: int, wanted: LeafChanges) -> None:
        if wanted:
            added, taken = (to_ranges(np.flatnonzero(leaves)) for leaves in (wanted.added, wanted.taken))
            self._there.do(CorrectStructure(structure=there, added=added, taken=taken, origin=self._name))

    def _made(self, one: Structure, ids: dict[int, int]) -> int:
        before = self._there.annotation
        parent = ids.get(one.parent) if one.parent is not None else None
        name, around = before.free_name(one.name), parent if parent in before.structures else None
        self._there.do(MakeStructure(name=name, colour=one.colour, parent=around, leaves=""))
        after = self._there.annotation
        self.state = self.state.with_structure(after.structure(before.next_id), one.id)
        return before.next_id


def _sent(before: Annotation, after: Annotation, structure: int, wanted: LeafChanges, made: bool) -> SentStructure:
    added = after.leaves(structure) & ~before.leaves(structure)
    taken = before.leaves(structure) & ~after.leaves(structure)
    around = {structure, *_around(after, structure)}
    losers = sorted(set(np.unique(before.owners[1:][added]).tolist()) - around - {0})
    names = tuple(before.structure(one).name for one in losers)
    missed = int((wanted.added & ~added).sum() + (wanted.taken & ~taken).sum())
    return SentStructure(after.structure(structure).name, int(added.sum()), int(taken.sum()), made, names, missed)


def _around(annotation: Annotation, structure: int) -> list[int]:
    """Ids of the structures that one lies inside."""
    found, parent = list[int](), annotation.structure(structure).parent
    while parent is not None:
        found.append(parent)
        parent = annotation.structure(parent).parent
    return found


def _painted(annotation: Annotation) -> set[int]:
    """Ids of the structures that voxels were painted for."""
    return {int(value) - 1 for cube in annotation.painting.cubes.values() for value in np.unique(cube) if value > 1}
