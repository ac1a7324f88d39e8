"""The window's own work in turns: between two of them the window lives, so that no piece keeps it waiting."""

from collections.abc import Callable, Generator
from typing import Any, TypeAlias

from qtpy.QtCore import QObject, QTimer

from napari_hypseg._qt.jobs.job_runner import ThreadTask

Steps: TypeAlias = Generator[Callable[[], Any] | None, Any, None]
"""Yields None to let the window live, or a function that is called on a thread and whose result comes back."""


class StepTask(QObject):
    """Drives `steps`; the first piece is done at once. What is raised goes to `failed`; if `owner` dies, all ends.

    A function that is yielded must not touch Qt, as with any `Errand`.
    """

    def __init__(self, steps: Steps, failed: Callable[[Exception], None], owner: QObject) -> None:
        super().__init__(owner)
        self._steps, self._failed = steps, failed
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.timeout.connect(lambda: self._advance(lambda: self._steps.send(None)))
        self._advance(lambda: self._steps.send(None))

    def _advance(self, go_on: Callable[[], Callable[[], Any] | None]) -> None:
        try:
            wanted = go_on()
        except StopIteration:
            self.deleteLater()
        except Exception as error:  # told by whoever began it
            self.deleteLater()
            self._failed(error)
        else:
            if wanted is None:
                self._next.start()
            else:
                ThreadTask(wanted, self._hand_in, self._hand_in_error, self)

    def _hand_in(self, result: Any) -> None:
        self._advance(lambda: self._steps.send(result))

    def _hand_in_error(self, error: Exception) -> None:
        self._advance(lambda: self._steps.throw(error))
