"""A live preview of the pieces of a structure: a job of its own splits it again whenever something else is wanted.

Ids of pieces go by size, so that another smallest size only hides some of them and needs no job.
"""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from napari.utils.notifications import show_error
from qtpy.QtCore import QObject, Signal

from napari_hypseg._napari.shared_leaves import SharedLeaves
from napari_hypseg._qt.controllers.job_requests import JobRequests
from napari_hypseg._qt.jobs.job_runner import JobRunner
from napari_hypseg._qt.jobs.tasks import Steps, StepTask
from napari_hypseg._qt.layers.layer_events import single_shot
from napari_hypseg._qt.layers.measured_view import read_ids
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.notifications import show_exception
from napari_hypseg.hierarchy.lookup_array import LookupArray
from napari_hypseg.pipeline.measure_choice import MeasureChoice
from napari_hypseg.pipeline.preview_pieces import PiecesReport, PiecesRequest
from napari_hypseg.storage.scratch import Scratch
from napari_hypseg.structures.annotation import Annotation
from napari_hypseg.structures.instances import InstanceSettings
from napari_hypseg.structures.same_voxels import same_voxels

if TYPE_CHECKING:
    from napari_hypseg.project.project import Project

DELAY_MS = 200
"""For which nothing else has to be wanted before a job begins: a number is typed digit by digit."""


@dataclass(frozen=True, eq=False)
class WantedPieces:
    """Of what pieces are wanted, and how they are told apart.

    Parameters
    ----------
    project, choice, settings
        As for measuring.
    annotation
        The structures as they are.
    """

    project: "Project"
    choice: MeasureChoice
    settings: InstanceSettings
    annotation: Annotation

    @property
    def smallest(self) -> float:
        """Voxels that a piece has to have."""
        return self.settings.smallest(self.project.records[self.choice.specimen].voxel_size)

    def is_in(self, other: "WantedPieces") -> bool:
        """Whether all these pieces are among those of `other`, with the same ids."""
        return (
            self.project is other.project
            and (self.choice.structure, self.choice.specimen) == (other.choice.structure, other.choice.specimen)
            and _how(self.settings) == _how(other.settings)
            and self.smallest >= other.smallest
            and same_voxels(other.annotation, self.annotation, (self.choice.structure,))
        )


@dataclass(frozen=True, eq=False)
class PreviewedPieces:
    """Pieces that were found.

    Parameters
    ----------
    wanted
        What they are.
    report
        Their sizes.
    ids
        (z, y, x), 0 outside.
    file
        Temporary file of `ids`.
    """

    wanted: WantedPieces
    report: PiecesReport
    ids: npt.NDArray[Any]
    file: Scratch

    def count(self, smallest: float) -> int:
        """How many have at least `smallest` voxels; they have the first ids."""
        return int((self.report.sizes >= smallest).sum())

    def shown(self, smallest: float) -> Any:
        """The ids of those alone, read as needed."""
        count, total = self.count(smallest), len(self.report.sizes)
        if count == total:
            return self.ids
        table = np.arange(total + 1, dtype=self.ids.dtype)
        table[count + 1 :] = 0
        return SharedLeaves(LookupArray(self.ids, table))


class PiecesPreview(QObject):
    """Finds the pieces that are wanted now; what is not wanted any more is dropped on the way.

    Signals
    -------
    changed
        Other pieces are there, or are being looked for.
    """

    changed = Signal()

    def __init__(self, model: WindowModel, runner: JobRunner, jobs: str, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self._requests = JobRequests(runner, f"{jobs}:preview_pieces", self)
        self.wanted: WantedPieces | None = None
        self.found: PreviewedPieces | None = None
        self._asked: tuple[int, WantedPieces, Scratch] | None = None
        self._later = single_shot(self, self._ask, DELAY_MS)
        self._requests.answered.connect(self._on_report)
        self._requests.failed.connect(self._on_failure)
        model.structures_changed.connect(self._follow)
        model.project_changed.connect(self.stop)

    @property
    def ready(self) -> bool:
        """Whether what is wanted is there."""
        return self.wanted is not None and self.found is not None and self.wanted.is_in(self.found.wanted)

    def want(self, choice: MeasureChoice, settings: dict[str, Any]) -> None:
        """Preview the pieces of the structure of `choice`.

        Raises
        ------
        SettingError
            If a setting cannot be so.
        """
        project, annotation = self._model.project, self._model.annotation
        if project is None or annotation is None or not choice.in_pieces:
            self.stop()
            return
        self.wanted = WantedPieces(project, choice, InstanceSettings.check(settings), annotation)
        if not self.ready:
            self._later.start()
        self.changed.emit()

    def stop(self) -> None:
        """Preview nothing any more."""
        self._later.stop()
        self._requests.stop()
        if self.wanted is not None or self.found is not None:
            self.wanted = self.found = None
            self.changed.emit()

    def _follow(self) -> None:
        """Take up edits of structures."""
        if self.wanted is not None:
            named = {one.name for one in self._model.annotation.structures.values()} if self._model.annotation else ()
            if self.wanted.choice.structure in named:
                self.want(self.wanted.choice, self.wanted.settings.model_dump(mode="json"))
            else:
                self.stop()

    def _ask(self) -> None:
        """Ask the job for what is wanted."""
        wanted = self.wanted
        if wanted is None or self.ready:
            return
        self._asked = (self._requests.next_number(), wanted, Scratch(".npy"))
        settings, file = wanted.settings.model_dump(mode="json"), str(self._asked[2].path)
        self._requests.ask(wanted.project.path, PiecesRequest(self._asked[0], wanted.choice, settings, file))

    def _on_report(self, event: Any) -> None:
        if isinstance(event, PiecesReport) and self._asked is not None and self._asked[0] == event.number:
            StepTask(self._take(event, *self._asked[1:]), show_exception, self)

    def _take(self, report: PiecesReport, wanted: WantedPieces, file: Scratch) -> Steps:
        ids = yield partial(read_ids, file.path)
        if self.wanted is not None:
            self.found = PreviewedPieces(wanted, report, ids, file)
            self.changed.emit()

    def _on_failure(self, message: str) -> None:
        self._asked = None
        show_error(message)
        self.stop()


def _how(settings: InstanceSettings) -> tuple[Any, ...]:
    """What decides on pieces but for their size."""
    neck = settings.split_touching and settings.neck_depth
    return settings.connectivity, settings.fill_hollow, settings.split_touching, neck
