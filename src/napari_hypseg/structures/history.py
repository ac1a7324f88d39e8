"""The edits of a project in their order, with undo and redo: a list, and where in it one stands.

What was undone and then edited over is left out of the list but stays on disk, where everything is only appended.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from napari_hypseg.errors import SettingError
from napari_hypseg.structures.annotation import Annotation
from napari_hypseg.structures.edits import BaseEdit, Trees

RECENT = 64
"""States that are kept as they are; of older ones every `INTERVAL`-th, from which others are made again."""
INTERVAL = 16


@dataclass(frozen=True)
class Step:
    """An edit and its words.

    Parameters
    ----------
    edit
        What was done.
    text
        As in "Undo: …".
    """

    edit: BaseEdit
    text: str


@dataclass(frozen=True, eq=False)
class Prepared:
    """An edit that can be done, not done yet.

    Parameters
    ----------
    step
        The edit and its words.
    before, after
        The states it leads from and to.
    """

    step: Step
    before: Annotation
    after: Annotation


class History:
    """Edits from an empty annotation on.

    Parameters
    ----------
    n_leaves
        Number of leaves K.
    trees
        The trees over them, by name.
    """

    def __init__(self, n_leaves: int, trees: Trees) -> None:
        self._trees = trees
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self._states: dict[int, Annotation] = {0: Annotation.empty(n_leaves)}

    @property
    def annotation(self) -> Annotation:
        """The state after all edits that are not undone."""
        return self._states[len(self._done)]

    @property
    def done(self) -> tuple[Step, ...]:
        """Edits that are not undone, the last one last."""
        return tuple(self._done)

    @property
    def undone(self) -> tuple[Step, ...]:
        """Edits that were undone and can be redone, the one that redo would do first."""
        return tuple(reversed(self._undone))

    @property
    def undo_text(self) -> str | None:
        """What undo would take back, None if there is nothing."""
        return self._done[-1].text if self._done else None

    @property
    def redo_text(self) -> str | None:
        """What redo would bring back, None if there is nothing."""
        return self._undone[-1].text if self._undone else None

    def prepare(self, edit: BaseEdit) -> "Prepared":
        """An edit tried out: what it would lead to, for whoever wants to write it down before it is done.

        Raises
        ------
        SettingError
            If it cannot be done.
        """
        before = self.annotation
        after = edit.apply(before, self._trees)
        return Prepared(Step(edit, edit.describe(before)), before, after)

    def commit(self, prepared: "Prepared") -> Annotation:
        """Do what was prepared; what was undone before can no longer be redone."""
        if prepared.before is not self.annotation:
            raise RuntimeError("The annotation has changed since the edit was prepared.")
        self._undone.clear()
        self._push(prepared.step, prepared.after)
        return prepared.after

    def do(self, edit: BaseEdit) -> Annotation:
        """Do an edit; what was undone before can no longer be redone.

        Raises
        ------
        SettingError
            If it cannot be done; nothing has changed then.
        """
        return self.commit(self.prepare(edit))

    def undo(self) -> Annotation:
        """Take the last edit back.

        Raises
        ------
        SettingError
            If there is none.
        """
        if not self._done:
            raise SettingError("There is nothing to undo.")
        return self.go_to(len(self._done) - 1)

    def redo(self) -> Annotation:
        """Do again what was undone last.

        Raises
        ------
        SettingError
            If there is nothing.
        """
        if not self._undone:
            raise SettingError("There is nothing to redo.")
        return self.go_to(len(self._done) + 1)

    def go_to(self, n_done: int) -> Annotation:
        """Undo or redo until `n_done` edits are done.

        Raises
        ------
        SettingError
            If there are not so many.
        """
        self.check(n_done)
        while len(self._done) > n_done:
            self._states.pop(len(self._done), None)
            self._undone.append(self._done.pop())
        self._remake()
        while len(self._done) < n_done:
            after = self._undone[-1].edit.apply(self.annotation, self._trees)
            self._push(self._undone.pop(), after)
        return self.annotation

    def check(self, n_done: int) -> None:
        """Make sure that one can go to where `n_done` edits are done.

        Raises
        ------
        SettingError
            If there are not so many.
        """
        most = len(self._done) + len(self._undone)
        if not 0 <= n_done <= most:
            raise SettingError(f"There are {most} edits to go to, not {n_done}; choose one of them.")

    def replay(self, edits: Iterable[BaseEdit]) -> None:
        """Do many edits one after the other.

        Raises
        ------
        SettingError
            If one of them cannot be done; those before it are.
        """
        for edit in edits:
            self.do(edit)

    def _push(self, step: Step, after: Annotation) -> None:
        self._done.append(step)
        self._states[len(self._done)] = after
        old = len(self._done) - RECENT
        if old > 0 and old % INTERVAL:
            self._states.pop(old, None)

    def _remake(self) -> None:
        """Make the state where one stands again, if it is not kept, and those up to it."""
        here = len(self._done)
        if here in self._states:
            return
        start = max(number for number in self._states if number < here)
        for number in range(start, here):
            self._states[number + 1] = self._done[number].edit.apply(self._states[number], self._trees)
