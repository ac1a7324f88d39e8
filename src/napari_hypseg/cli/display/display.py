"""What a person or a program sees while a command works: a bar, plain lines, or nothing but the result.

Whatever happens on the way goes to stderr; stdout holds the result alone.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Protocol, Self, TextIO

from napari_hypseg.cli.display.formatting import loss, percent, time_left
from napari_hypseg.cli.display.output import Outcome, say, write_json, write_summary
from napari_hypseg.jobs import Notice, Progress
from napari_hypseg.jobs.stage import TITLE_WIDTH

SECONDS_BETWEEN_LINES = 10.0


class Display(Protocol):
    """Where a command shows its progress."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...

    def show(self, event: Any) -> None:
        """Show an event of a job; those meant for a window are passed over."""

    def say(self, line: str) -> None:
        """Tell what comes next."""

    def note(self, sentence: str) -> None:
        """Say something worth knowing."""

    def finish(self, outcome: Outcome) -> None:
        """Print the result."""

    def fail(self, sentence: str) -> None:
        """Print what went wrong."""


def choose_display(as_json: bool) -> Display:
    """The display for where stderr leads: a bar on a terminal, lines elsewhere, silence for ``--json``."""
    if as_json:
        return JsonDisplay()
    on_terminal = sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    if not on_terminal:
        return LineDisplay()
    from napari_hypseg.cli.display.progress_bar import BarDisplay

    return BarDisplay()


class JsonDisplay:
    """One JSON object on stdout at the end; a failure is an object too, and a sentence on stderr."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *outcome: object) -> None:
        pass

    def show(self, event: Any) -> None:
        """Nothing: the result says it."""

    def say(self, line: str) -> None:
        """Nothing."""

    def note(self, sentence: str) -> None:
        """Nothing: notes are part of the result."""

    def finish(self, outcome: Outcome) -> None:
        """Print the record."""
        write_json(outcome.record)

    def fail(self, sentence: str) -> None:
        """Print ``{"error": sentence}`` on stdout and the sentence on stderr."""
        say(f"hypseg: {sentence}")
        write_json({"error": sentence})


class LineDisplay:
    """Plain lines for logs and pipes: one per change of stage, and at most one every ten seconds.

    Parameters
    ----------
    stream
        Where the lines go; stderr by default.
    clock
        Seconds that only grow.
    """

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._stage = ""
        self._spoken = -SECONDS_BETWEEN_LINES

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *outcome: object) -> None:
        pass

    def show(self, event: Any) -> None:
        """Print a line if the stage is new or the last line is old."""
        if isinstance(event, Notice):
            self.note(event.message)
        if not isinstance(event, Progress):
            return
        now = self._clock()
        if event.stage != self._stage or now - self._spoken >= SECONDS_BETWEEN_LINES:
            self._stage, self._spoken = event.stage, now
            words = (event.title.ljust(TITLE_WIDTH), percent(event), loss(event), time_left(event))
            say("  ".join(filter(None, words)), self._stream)

    def say(self, line: str) -> None:
        """Print a line."""
        say(line, self._stream)

    def note(self, sentence: str) -> None:
        """Print a line that calls for attention."""
        say(f"Note: {sentence}", self._stream)

    def finish(self, outcome: Outcome) -> None:
        """Print the summary on stdout."""
        write_summary(outcome)

    def fail(self, sentence: str) -> None:
        """Print the sentence."""
        say(f"hypseg: {sentence}", self._stream)
