"""Work of the window that must not block it: on a thread, or in steps between turns of the event loop."""

import gc
import threading
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Any, TypeAlias

from qtpy.compat import isalive
from qtpy.QtCore import QCoreApplication, QObject, QTimer, Signal

COUNT = "hypseg_thread_tasks"
"""Property of the application: how many of these are on their way."""
TURN_MS = 8
"""From one piece of `Steps` to the next: with less, a piece is done before the window has drawn what the last one did,
and both are one long turn."""

Steps: TypeAlias = Generator[Callable[[], Any] | None, Any, None]
"""Yields None to let the window live, or a function that is called on a thread and whose result comes back."""


class ThreadTask(QObject):
    """Calls a function on a thread, then `done` with its result or `failed` with its exception, if `owner` still lives.

    The function must not touch Qt, nor import what does: classes of Qt made on a second thread can crash the window.
    So can objects of Qt that are swept away on it, which is why Python searches for no garbage meanwhile.
    """

    _ended = Signal(object, object, object)

    def __init__(
        self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[Exception], None], owner: QObject
    ) -> None:
        super().__init__()
        self._work, self._done, self._failed, self._owner = work, done, failed, owner
        # Not a child of `owner`, which may be deleted at the moment in which the thread sends its signal. The thread
        # holds it, and after that the signal on its way does, or it would be swept away before that arrives.
        self._ended.connect(self._deliver)
        _count_tasks(1)
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        try:
            result, error = self._work(), None
        except Exception as raised:  # handed over, not swallowed
            result, error = None, raised
        with suppress(RuntimeError):  # the application has gone meanwhile
            self._ended.emit(self, result, error)

    def _deliver(self, task: "ThreadTask", result: Any, error: Exception | None) -> None:
        _count_tasks(-1)
        self.deleteLater()
        if isalive(self._owner):  # type: ignore[no-untyped-call]
            self._done(result) if error is None else self._failed(error)


def _count_tasks(step: int) -> None:
    """Search for no garbage while there are thread tasks; the application keeps the count, on its own thread."""
    application = QCoreApplication.instance()
    if application is not None:
        count = int(application.property(COUNT) or 0) + step
        application.setProperty(COUNT, count)
        gc.disable() if count else gc.enable()


class StepTask(QObject):
    """Drives `steps`; the first piece is done at once. What is raised goes to `failed`; if `owner` dies, all ends.

    A function that is yielded must not touch Qt, as with any `ThreadTask`.
    """

    def __init__(self, steps: Steps, failed: Callable[[Exception], None], owner: QObject) -> None:
        super().__init__(owner)
        self._steps, self._failed = steps, failed
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.setInterval(TURN_MS)
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
