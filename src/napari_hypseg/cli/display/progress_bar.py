"""Progress on a terminal: a bar for each stage with loss and time left."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from napari_hypseg.cli.display.formatting import loss, time_left
from napari_hypseg.cli.display.output import Outcome, say, write_summary
from napari_hypseg.jobs import Notice, Progress
from napari_hypseg.jobs.stage import TITLE_WIDTH

if TYPE_CHECKING:
    from rich.progress import TaskID


class BarDisplay:
    """A bar for each stage with loss and time left, drawn by rich on the terminal's stderr."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

        self._progress = Progress(
            TextColumn(f"{{task.description:<{TITLE_WIDTH}}}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[loss]}  {task.fields[left]}"),
            console=Console(stderr=True, highlight=False),
            redirect_stdout=False,
            redirect_stderr=True,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *outcome: object) -> None:
        if outcome[0] is None:
            self._fill_all()
        with suppress(OSError):  # the terminal may have gone
            self._progress.stop()

    def show(self, event: Any) -> None:
        """Move the bar of the event's stage, or start it and end the one before."""
        if isinstance(event, Notice):
            self.note(event.message)
        if isinstance(event, Progress):
            self._progress.update(
                self._task(event), completed=event.step, total=event.total, loss=loss(event), left=time_left(event)
            )

    def _task(self, event: Progress) -> TaskID:
        if event.stage not in self._tasks:
            self._fill_all()
            self._tasks[event.stage] = self._progress.add_task(event.title, total=event.total, loss="", left="")
        return self._tasks[event.stage]

    def _fill_all(self) -> None:
        """Draw the stages so far as done, also one that ended early or whose end was not known."""
        for bar in self._progress.tasks:
            self._progress.update(bar.id, total=bar.completed or 1, completed=bar.completed or 1, left="")
            self._progress.stop_task(bar.id)

    def say(self, line: str) -> None:
        """Print a line above the bar."""
        with suppress(OSError):
            self._progress.console.print(line, markup=False, emoji=False, soft_wrap=True)

    def note(self, sentence: str) -> None:
        """Print a line that calls for attention."""
        self.say(f"Note: {sentence}")

    def finish(self, outcome: Outcome) -> None:
        """Print the summary on stdout."""
        write_summary(outcome)

    def fail(self, sentence: str) -> None:
        """Print the sentence below what the bar left."""
        say(f"hypseg: {sentence}")
