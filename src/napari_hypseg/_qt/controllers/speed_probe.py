"""The speed of this machine, measured once in the background and updated by every run."""

from typing import TYPE_CHECKING

from qtpy.QtCore import QElapsedTimer, QObject, Signal

from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.jobs.job_runner import FinishReason, JobRunner, Outcome
from napari_hypseg.pipeline.speed import Speed
from napari_hypseg.pipeline.speed_cache import SpeedCache

if TYPE_CHECKING:
    from napari_hypseg.project.project import Project
    from napari_hypseg.project.run_settings import RunSettings


class SpeedProbe(QObject):
    """Asks a job of its own for the device, then for the speed of a method; gives way to any other work.

    Signals
    -------
    device_named
        With the words for what ``auto`` computes on.
    changed
        A speed has become known, or better known.
    """

    device_named = Signal(str)
    changed = Signal()

    def __init__(self, activity: Activity, runner: JobRunner, jobs: str, parent: QObject) -> None:
        super().__init__(parent)
        self._activity, self._jobs, self._runner = activity, jobs, runner
        self._known = SpeedCache()
        self._speeds: dict[str, Speed | None] = {}
        self._asked = ("", "")
        self._clock = QElapsedTimer()
        self.startup = 0.0
        self._runner.finished.connect(self._take)
        activity.changed.connect(self._give_way)

    def speed(self, method: str) -> Speed | None:
        """How fast regions are made from what `method` has learned, None if that is not known yet."""
        if self._speeds.get(method) is None:
            self._speeds[method] = self._known.get(method)
        return self._speeds[method]

    def ask_device(self) -> None:
        """Find out what ``auto`` computes on, and how long a job takes to begin."""
        if not self._runner.busy:
            self._clock.start()
            self._runner.start(f"{self._jobs}:describe_device")

    def ask_speed(self, settings: "RunSettings") -> None:
        """Measure how fast the method of `settings` is, unless that is known or something else is under way."""
        if self._activity.busy is None and not self._runner.busy and self.speed(settings.method) is None:
            self._asked = (settings.method, settings.training.device)
            self._runner.start(f"{self._jobs}:time_regions", settings=settings.model_dump(mode="json"))

    def learn_from(self, project: "Project") -> None:
        """Take the time that the regions of `project` took for what they take here."""
        if (speed := self._known.learn_from(project)) is not None:
            self._speeds[project.settings.method] = speed
            self.changed.emit()

    def _take(self, outcome: Outcome) -> None:
        if outcome.reason is not FinishReason.DONE:
            return
        if isinstance(outcome.result, Speed):
            method, device = self._asked
            self._speeds[method] = outcome.result
            self._known.put(method, device, outcome.result)
            self.changed.emit()
        else:
            self.startup = self._clock.elapsed() / 1000
            self.device_named.emit(outcome.result)

    def _give_way(self) -> None:
        if self._activity.kind is not None and self._runner.busy:
            self._runner.cancel()
