"""How far the work is: a bar, and a line that says what is being done and how long it still takes.

The bar stands still where nobody knows how far the work is: Qt's busy bar moves sixty times a second, and each time
the whole window is put together anew, canvas and all.
"""

from qtpy.QtWidgets import QLabel, QProgressBar, QVBoxLayout, QWidget

from napari_hypseg.jobs import Progress

PERCENT = 1000


class ProgressLine(QWidget):
    """A bar with a line of text below it."""

    def __init__(self) -> None:
        super().__init__()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, PERCENT)
        self.status = QLabel()
        self.status.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.bar)
        layout.addWidget(self.status)
        self.rest()

    def show_progress(self, progress: Progress, then: str = "") -> None:
        """Show how far a stage is and how long it will take; `then` says what follows it."""
        self._show(progress.fraction)
        left = "" if progress.seconds_left is None else f", {format_duration(progress.seconds_left)} left"
        self.say(f"{progress.title}{left}{then}")

    def rest(self, text: str = "", *, full: bool = False) -> None:
        """Nothing is under way any more; `text` says how it ended."""
        self._show(float(full))
        self.say(text)

    def say(self, text: str) -> None:
        """Show `text` below the bar."""
        self.status.setText(text)
        self.status.setVisible(bool(text))

    def _show(self, fraction: float | None) -> None:
        self.bar.setValue(round(PERCENT * (fraction or 0)))


def format_duration(seconds: float) -> str:
    """A length of time as a person says it."""
    whole = round(seconds)
    if whole < 90:
        return f"{whole} s"
    return f"{round(whole / 60)} min" if whole < 5400 else f"{whole / 3600:.1f} h"
