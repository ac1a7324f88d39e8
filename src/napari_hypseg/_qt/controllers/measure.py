"""Measuring, from the window's side: lets a job do it and keeps what came back."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, Signal

from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import MEASURE
from napari_hypseg._qt.jobs.job_runner import FinishReason, Outcome
from napari_hypseg._qt.jobs.tasks import ThreadTask
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.notifications import show_exception
from napari_hypseg.pipeline.measure_choice import MeasureChoice, MeasureReport
from napari_hypseg.storage.scratch import Scratch
from napari_hypseg.structures.annotation import Annotation
from napari_hypseg.structures.measurement_table import MeasurementTable
from napari_hypseg.structures.same_voxels import same_voxels

if TYPE_CHECKING:
    from napari_hypseg.project.project import Project


@dataclass(frozen=True, eq=False)
class MeasuredState:
    """What was measured, and what was there to be measured.

    Parameters
    ----------
    project, choice
        What was asked for.
    report
        What came back.
    annotation
        The structures as they were.
    pieces
        Temporary file with the ids of pieces.
    """

    project: "Project"
    choice: MeasureChoice
    report: MeasureReport
    annotation: Annotation
    pieces: Scratch

    def problem(self, model: WindowModel) -> str | None:
        """Why the numbers do not hold any more, None if they do."""
        now, choice = model.annotation, self.choice
        if choice.regions is not None:
            moved = model.cut is not None and model.cut.nodes != choice.regions.nodes
            return "other regions are shown now" if moved else None
        if now is None or not same_voxels(self.annotation, now, (choice.structure, choice.distance_to)):
            return "structures have changed since"
        return None


class MeasureController(QObject):
    """Measures the project at hand.

    Signals
    -------
    measured
        Something was measured, or what was measured is gone with its project.
    """

    measured = Signal()

    def __init__(self, model: WindowModel, activity: Activity, parent: QObject) -> None:
        super().__init__(parent)
        self._model, self._activity = model, activity
        self.state: MeasuredState | None = None
        model.project_changed.connect(self._forget)

    def measure(self, choice: MeasureChoice, settings: dict[str, Any]) -> None:
        """Measure what was chosen; `settings` are those of pieces."""
        project, annotation = self._model.project, self._model.annotation
        if project is None or annotation is None:
            return
        pieces = Scratch(".npy")
        self._activity.begin(MEASURE)
        self._activity.run(
            "measure", partial(self._take_up, project, choice, annotation, pieces), project=project.path, what=choice,
            settings=settings, pieces_file=pieces.path,
        )  # fmt: skip

    def write_csv(self, path: Path, table: MeasurementTable, told: Any) -> None:
        """Write `table` on a thread, then call `told` with the path."""
        project = self._model.project
        inputs = project.inputs if project is not None else ()
        ThreadTask(partial(table.write_csv, path, inputs), lambda _: told(path), show_exception, self)

    def _take_up(
        self, project: "Project", choice: MeasureChoice, annotation: Annotation, pieces: Scratch, outcome: Outcome
    ) -> None:
        if outcome.reason is FinishReason.DONE and self._model.project is project:
            self.state = MeasuredState(project, choice, outcome.result, annotation, pieces)
            self.measured.emit()

    def _forget(self) -> None:
        if self.state is not None:
            self.state = None
            self.measured.emit()
