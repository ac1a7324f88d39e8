"""Reading in the background what will probably be asked for next: one wish at a time, the last one."""

from collections import deque
from collections.abc import Callable, Hashable, Iterable
from contextlib import suppress
from threading import Lock, Thread

THREAD = "hypseg-read-ahead"
Piece = Callable[[], object]


class ReadAhead:
    """A thread that is there while something is fetched. Another wish, or `cancel`, takes the place of the last one."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._pieces: deque[Piece] = deque()
        self._key: Hashable = None
        self._running = False

    def want(self, key: Hashable, pieces: Iterable[Piece]) -> None:
        """Call each of `pieces` in turn, unless what is called `key` is being fetched already."""
        with self._lock:
            if self._running and key == self._key:
                return
            self._key, self._pieces = key, deque(pieces)
            if not self._running:
                self._running = True
                Thread(target=self._work, name=THREAD, daemon=True).start()

    def cancel(self) -> None:
        """Fetch no more than the piece that was begun."""
        with self._lock:
            self._key, self._pieces = None, deque()

    def _work(self) -> None:
        while (piece := self._next()) is not None:
            with suppress(Exception):  # whoever reads it in earnest is told
                piece()

    def _next(self) -> Piece | None:
        with self._lock:
            self._running = bool(self._pieces)
            return self._pieces.popleft() if self._pieces else None
