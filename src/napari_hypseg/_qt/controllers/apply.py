"""Carrying what was named to other volumes, from the window's side: a job does it and says when each is done."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qtpy.QtCore import QObject, Signal

from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import APPLY
from napari_hypseg._qt.jobs.job_runner import FinishReason, Outcome
from napari_hypseg._qt.model import WindowModel
from napari_hypseg.pipeline.volume_ended import VolumeEnded


class ApplyController(QObject):
    """Applies the project at hand.

    Signals
    -------
    told
        A sentence about a volume that is done or could not be used.
    ended
        With the folder of the projects, once all volumes were looked at.
    """

    told = Signal(str)
    ended = Signal(str)

    def __init__(self, model: WindowModel, activity: Activity, parent: QObject) -> None:
        super().__init__(parent)
        self._model, self._activity = model, activity
        self._out = Path()
        activity.reported.connect(self._on_event)

    @property
    def reason(self) -> str | None:
        """Why nothing can be applied, None if it can."""
        annotation = self._model.annotation
        if annotation is None:
            return "there are no regions yet: train first."
        return None if annotation.structures else "nothing is named yet: make a structure first."

    def apply(self, volumes: Sequence[str], out: Path) -> None:
        """Carry the project at hand to `volumes`, whose projects go into the folder `out`."""
        project = self._model.project
        if project is not None:
            self._out = out
            self._activity.begin(APPLY)
            self._activity.run("apply", self._finish, project=project.path, volumes=tuple(volumes), out=out)

    def _on_event(self, event: Any) -> None:
        if isinstance(event, VolumeEnded):
            self.told.emit(event.sentence)

    def _finish(self, outcome: Outcome) -> None:
        if outcome.reason is FinishReason.DONE:
            for sentence in outcome.result:
                self.told.emit(sentence)
            self.ended.emit(str(self._out))
