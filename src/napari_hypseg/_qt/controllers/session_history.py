"""Undo and redo of what is no edit of the project, such as classes of particles, in one line with its edits."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass


@dataclass(frozen=True)
class SessionStep:
    """Something that was done after so many edits of the project, and how to take it back or do it again."""

    about: Hashable
    n_edits: int
    undo: Callable[[], None]
    redo: Callable[[], None]


class SessionHistory:
    """What was done since the window is open, without the project.

    Parameters
    ----------
    n_edits
        Gives how many edits of the project are done now: an edit that came later is undone first.
    """

    def __init__(self, n_edits: Callable[[], int]) -> None:
        self._n_edits = n_edits
        self._done: list[SessionStep] = []
        self._undone: list[SessionStep] = []

    def forget(self, about: Hashable) -> None:
        """Forget what was done about something, since that is not there any more."""
        self._done = [step for step in self._done if step.about != about]
        self._undone = [step for step in self._undone if step.about != about]

    def do(self, about: Hashable, redo: Callable[[], None], undo: Callable[[], None]) -> None:
        """Do something; what was undone before can no longer be redone."""
        redo()
        self._undone.clear()
        self._done.append(SessionStep(about, self._n_edits(), undo, redo))

    def undo(self) -> bool:
        """Take back what was done last; False where that was an edit of the project, or nothing was."""
        if not self._done or self._done[-1].n_edits < self._n_edits():
            return False
        self._undone.append(self._done.pop())
        self._undone[-1].undo()
        return True

    def redo(self) -> bool:
        """Do again what was undone last; False where that was an edit of the project, or nothing was."""
        if not self._undone or self._undone[-1].n_edits > self._n_edits():
            return False
        self._done.append(self._undone.pop())
        self._done[-1].redo()
        return True
