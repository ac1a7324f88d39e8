"""An applied project brought up to date with what was changed in the common one since; corrections made in it stay."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from napari_hypseg.errors import HypsegError, SettingError
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.pipeline.apply_origin import ApplyOrigin, apply_origin
from napari_hypseg.pipeline.send_back import corrections, origin_of_applied
from napari_hypseg.project.access import PROGRAM
from napari_hypseg.project.project import SUFFIX, Project
from napari_hypseg.project.project_structures import ProjectStructures
from napari_hypseg.structures.annotation import Annotation
from napari_hypseg.structures.carried_structures import CarriedState, LeafChanges, leaf_changes, outermost_first
from napari_hypseg.structures.edits import (
    BaseEdit,
    CorrectStructure,
    MakeStructure,
    MoveStructure,
    RecolourStructure,
    RemoveStructure,
    RenameStructure,
)
from napari_hypseg.structures.leaf_ranges import to_ranges
from napari_hypseg.structures.structure import Structure

LEFT_OUT = 0
"""Id of a structure that was not carried over."""


@dataclass(frozen=True)
class Updated:
    """What was done.

    Parameters
    ----------
    done
        Words for the edits.
    kept
        Words for what stays as it is in this volume, each with the reason.
    """

    done: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def is_behind(source: Project, target: Project) -> bool:
    """Whether structures of `source` have changed since `target`, made from it, has followed.

    Raises
    ------
    ProjectError
        If `target` was not made by applying a project.
    """
    state = origin_of_applied(target).state
    assert state is not None
    assert source.structures is not None
    there = source.structures.annotation
    known = {one: _kept(kept) for one, kept in state.structures.items()}
    now = {one: _kept(structure) for one, structure in there.structures.items()}
    return known != now or not np.array_equal(there.owners, state.there)


def update_applied(source: Project, target: Project) -> Updated:
    """Do in `target` what was changed in the structures of `source` since it was made, or followed last.

    Structures that were corrected in `target` stay as they are, and so does every leaf that was.

    Raises
    ------
    ProjectError
        If `target` cannot be written, or was not made by applying a project.
    """
    origin = origin_of_applied(target)
    assert origin.state is not None
    assert source.structures is not None
    assert target.structures is not None
    corrected = frozenset(corrections(target))
    update = _Update(source.structures.annotation, target.structures, origin.state, corrected, _named(source))
    with target.access.job("following the common project"):
        try:
            update.run()
        finally:
            followed = ApplyOrigin.of(source, origin.segmentation, target)
            followed.with_state(update.state).write(target, target.training)
    return Updated(tuple(update.done), tuple(update.kept))


def update_beside(source: Project, applied: Path, what: str) -> Job[tuple[str, ...]]:
    """Let all projects beside `applied` that were made from `source` follow it, but not that one itself.

    `what` is how this program is called in messages of others. Returns a sentence about each that could not follow, and
    about what stays as it is in one. Yields `Progress` of the stage ``"follow"``.
    """
    told, paths = list[str](), sorted(applied.parent.glob(f"*{SUFFIX}"))
    for number, path in enumerate(paths):
        yield Progress("follow", number, len(paths))
        if path in (applied, source.path):
            continue
        try:
            told += (f"Kept in {path.name}: {words}." for words in follow(source, path, what).kept)
        except HypsegError as error:
            told.append(f"{path.name} does not follow: {error}")
    return tuple(told)


def follow(source: Project, path: Path, what: str = PROGRAM) -> Updated:
    """Let the project at `path` follow `source`, if it was made from that and is behind it.

    Raises
    ------
    ProjectError
        If it cannot be opened or written.
    """
    known = Project.open(path)
    origin = apply_origin(known)
    segmentation = None if source.segmentation is None else source.segmentation.fingerprint
    if origin is None or origin.state is None or origin.segmentation != segmentation or not is_behind(source, known):
        return Updated()
    target = Project.open(path, write=True, what=what)
    try:
        target.access.require()
        return update_applied(source, target)
    finally:
        target.close()


class _Update:
    """Follows one structure after the other, and keeps what both projects agree on."""

    def __init__(
        self, there: Annotation, here: ProjectStructures, state: CarriedState, corrected: frozenset[int], name: str
    ) -> None:
        self._there, self._here, self.state, self._corrected, self._name = there, here, state, corrected, name
        self._by_hand = state.here[1:] != here.annotation.owners[1:]
        """Leaves that were corrected here."""
        self.done: list[str] = []
        self.kept: list[str] = []

    def run(self) -> None:
        """Do all that can be done."""
        for one in outermost_first(self._there):
            here, changes = self.state.ids.get(one.id), leaf_changes(self.state.there, self._there, one.id)
            if here is None or (here == LEFT_OUT and changes):
                self._make(one)
            elif here in self._here.annotation.structures:
                self._follow(one)
            elif changes:
                self.kept.append(f"{one.name} (it was removed here)")
        for gone in [one for one in self.state.ids if one not in self._there.structures]:
            self._remove(gone)

    def _make(self, one: Structure) -> None:
        parent, before = self._parent(one), self._here.annotation
        name = before.free_name(one.name)
        if not self._do(MakeStructure(name=name, colour=one.colour, parent=parent, leaves=""), one.name):
            return
        self.state = self.state.with_structure(one, before.next_id)
        self._correct(one)

    def _follow(self, one: Structure) -> None:
        for edit in self._edits(one):
            self._do(edit, one.name)
        self.state = self.state.with_structure(one, self.state.ids[one.id])
        self._correct(one)

    def _correct(self, one: Structure) -> None:
        """Give a structure the leaves that it has got there, and take away those that it has lost."""
        changes, here = leaf_changes(self.state.there, self._there, one.id), self.state.ids[one.id]
        if not changes:
            return
        if here in self._corrected:
            self.kept.append(f"{one.name} (it was corrected here)")
            return
        if (changes.added & self._by_hand).any() or (changes.taken & self._by_hand).any():
            self.kept.append(f"leaves that {one.name} has got or lost (they were corrected here)")
        held = self._here.annotation.leaves(here)
        changes = LeafChanges(changes.added & ~self._by_hand, changes.taken & ~self._by_hand)
        wanted = LeafChanges(changes.added & ~held, changes.taken & held)
        if wanted:
            added, taken = (to_ranges(np.flatnonzero(leaves)) for leaves in (wanted.added, wanted.taken))
            edit = CorrectStructure(structure=here, added=added, taken=taken, origin=self._name)
            if not self._do(edit, one.name):
                return
        self.state = self.state.agreed(one.id, changes, self._there, self._here.annotation)

    def _remove(self, gone: int) -> None:
        here, name = self.state.ids[gone], self.state.structures[gone].name
        annotation = self._here.annotation
        if here in annotation.structures:
            if here in self._corrected or self._has_places(here):
                self.kept.append(f"{name} (it was corrected here)")
            elif not self._do(RemoveStructure(structure=here), name):
                return
        self.state = self.state.without(gone)

    def _has_places(self, structure: int) -> bool:
        """Whether voxels were painted for a structure, or particles of it marked, in this volume."""
        annotation = self._here.annotation
        cubes = annotation.painting.cubes.values()
        return any(one == structure for one, _ in annotation.junk) or any(
            (cube == structure + 1).any() for cube in cubes
        )

    def _edits(self, one: Structure) -> Iterator[BaseEdit]:
        """What gives a structure the name, colour and place that it has got there, unless it was given others here."""
        known, here = self.state.structures[one.id], self._here.annotation.structure(self.state.ids[one.id])
        if one.name != known.name == here.name:
            yield RenameStructure(structure=here.id, name=self._here.annotation.free_name(one.name))
        if one.colour != known.colour == here.colour:
            yield RecolourStructure(structure=here.id, colour=one.colour)
        if one.parent != known.parent and here.parent == self._parent(known):
            yield MoveStructure(structure=here.id, parent=self._parent(one))

    def _parent(self, one: Structure) -> int | None:
        """The structure here that one of there lies inside."""
        here = self.state.ids.get(one.parent) if one.parent is not None else None
        return here if here in self._here.annotation.structures else None

    def _do(self, edit: BaseEdit, name: str) -> bool:
        try:
            self._here.do(edit)
        except SettingError as error:
            self.kept.append(f"{name} ({str(error).rstrip('.')})")
            return False
        self.done.append(self._here.steps[-1].text)
        return True


def _kept(one: Structure) -> Structure:
    """A structure as far as it is followed: not whether it is shown or locked."""
    return replace(one, visible=True, locked=False)


def _named(project: Project) -> str:
    return project.path.name.removesuffix(SUFFIX)
