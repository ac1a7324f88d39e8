"""Classifying particles from the window: a job sorts those that were found, and the gallery takes up what it says."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from qtpy.QtCore import QObject, Signal

from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import CLASSIFY
from napari_hypseg._qt.controllers.particles import FoundParticles
from napari_hypseg._qt.jobs.job_runner import FinishReason, Outcome


class ClassifyController(QObject):
    """Sorts particles into classes.

    Signals
    -------
    classified
        With the `FoundParticles`, the edge of their boxes and the `ClassifiedParticles`.
    """

    classified = Signal(object, int, object)

    def __init__(self, activity: Activity, parent: QObject) -> None:
        super().__init__(parent)
        self.activity = activity

    def classify(self, found: FoundParticles, edge: int, settings: Mapping[str, Any]) -> None:
        """Sort particles by the middle of boxes of `edge` voxels, with `ClassifySettings`."""
        self.activity.begin(CLASSIFY)
        at_end = partial(self._take_up, found, edge)
        self.activity.run(
            "classify", at_end, project=found.project.path, choice=found.choice, edge=edge, settings=dict(settings)
        )

    def _take_up(self, found: FoundParticles, edge: int, outcome: Outcome) -> None:
        if outcome.reason is FinishReason.DONE:
            self.classified.emit(found, edge, outcome.result)
