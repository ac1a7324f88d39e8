"""Agreement with labels that a person has, from the window's side: counted once beside the window, then always at hand.

The counting is driven on threads, a tenth of a second each, as layers need not be files that a process could open.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from napari.components import ViewerModel
from napari.layers import Image, Labels
from qtpy.QtCore import QObject, Signal

from napari_hypseg._napari.napari_internals import undone_strokes
from napari_hypseg._napari.volume_from_layers import volume_of_labels
from napari_hypseg._qt.controllers.levels import LevelController
from napari_hypseg._qt.controllers.structures import StructureController
from napari_hypseg._qt.jobs.tasks import Steps, StepTask
from napari_hypseg._qt.layers.canvas_input import Joins
from napari_hypseg._qt.layers.label_layers import LabelLayers
from napari_hypseg._qt.layers.layer_events import LayerEvents, single_shot
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.notifications import show_exception
from napari_hypseg.errors import HypsegError
from napari_hypseg.jobs import Job, Progress, Stage
from napari_hypseg.structures.agreement import Agreement, AgreementCounts, ShownObject

if TYPE_CHECKING:
    from napari_hypseg.project.project import Project

CHANGES = frozenset({"data", "paint", "labels_update", "scale", "translate", "units", "affine"})
"""Events of a layer after which its labels, or their place, are others."""
SETTLED_MS = 400
PART_SECONDS = 0.1


@dataclass(frozen=True, eq=False)
class LabelsChoice:
    """Which labels are compared, and how.

    Parameters
    ----------
    layer
        The layer.
    specimen
        Number of the specimen that it is about.
    together
        All labels above 0 are one class.
    labelled_only
        Voxels of label 0 do not count.
    """

    layer: Labels | Image
    specimen: int = 0
    together: bool = False
    labelled_only: bool = False


class AgreementController(QObject):
    """Counts the classes of a labels layer, and says how what is shown agrees with them.

    Signals
    -------
    counted
        Something else is chosen, or its counting has begun, come further or ended.
    shown_changed
        What is shown has changed: `agreement` gives another answer.
    layers_changed
        Other layers can be chosen.
    """

    counted = Signal()
    shown_changed = Signal()
    layers_changed = Signal()

    def __init__(
        self, viewer: ViewerModel, model: WindowModel, events: LayerEvents, labels: LabelLayers,
        structures: StructureController, levels: LevelController, parent: QObject,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._viewer, self._model, self._structures, self._levels = viewer, model, structures, levels
        self._layers = labels
        self.choice: LabelsChoice | None = None
        self.counts: AgreementCounts | None = None
        self.progress: Progress | None = None
        self.problem = ""
        self.notes: tuple[str, ...] = ()
        self._asked: object = None
        """Stands for what is being counted; what was asked for before is let go."""
        self._undone = 0
        self._again = single_shot(self, self.count, SETTLED_MS)
        events.layers_changed.connect(self._follow_layers)
        model.project_changed.connect(self.count)
        for changed in (model.cut_changed, model.structures_changed):
            changed.connect(self.shown_changed.emit)

    def layers(self) -> list[tuple[str, Labels | Image]]:
        """What may be chosen, each with its name."""
        return self._layers.named()

    def choose(self, choice: LabelsChoice | None) -> None:
        """Compare with these labels, or with none any more."""
        if self.choice is not None:
            self.choice.layer.events.disconnect(self._follow_labels)
        self.choice = choice
        if choice is not None:
            choice.layer.events.connect(self._follow_labels)
        self.count()

    def count(self) -> None:
        """Count what is chosen, from the beginning."""
        choice, project = self.choice, self._model.project
        self.counts, self.progress, self.problem, self.notes, self._asked = None, None, "", (), None
        if choice is not None and project is not None and project.hierarchy is not None:
            self.progress, self._asked = Progress(Stage.SCORE, 0), object()
            StepTask(self._counting(choice, project, self._asked), partial(self._fail, self._asked), self)
        self.counted.emit()

    def agreement(self) -> Agreement | None:
        """How what is shown agrees with the classes, None before they are counted."""
        tree, cut, structures = self._model.tree, self._model.cut, self._model.structures
        if self.counts is None or tree is None or cut is None or structures is None:
            return None
        return self.counts.agreement(tree, cut, structures.annotation)

    def select_best_node(self, row: int) -> None:
        """Select the node that comes nearest to a class, given by its place, and group by the tree that it is in."""
        if self.counts is not None:
            limit = self.counts.limits[row]
            self._levels.choose_tree(limit.tree)
            self._structures.click_node(limit.node, Joins.REPLACES)

    def select_best_union(self, row: int) -> None:
        """Select the leaves that come nearest to a class, given by its place."""
        if self.counts is not None:
            self._structures.select_leaves(self.counts.limits[row].union, Joins.REPLACES)

    def select_shown(self, shown: ShownObject) -> None:
        """Select a region or structure that is shown."""
        if shown.structure is None:
            self._structures.click_node(shown.node, Joins.REPLACES)
        else:
            self._structures.activate(shown.structure)

    def names(self) -> Mapping[int, str]:
        """Names of the labels, as far as the layer has any."""
        layer = self.choice.layer if self.choice is not None else None
        features = layer.features if isinstance(layer, Labels) else {}
        if self.choice is None or self.choice.together or not {"index", "name"} <= set(features):
            return {}
        return dict(zip(map(int, features["index"]), map(str, features["name"]), strict=True))

    def colour(self, label: int) -> list[float] | None:
        """RGBA in [0, 1] of a label in the picture, None where it has none."""
        layer = self.choice.layer if self.choice is not None else None
        if not isinstance(layer, Labels) or self.choice is None or self.choice.together or not label:
            return None
        return [float(part) for part in layer.get_color(label)]

    def _counting(self, choice: LabelsChoice, project: "Project", asked: object) -> Steps:
        from napari_hypseg.pipeline.agreement import Foreground, agreement_job
        from napari_hypseg.project.specimen_grid import on_specimen_grid

        volume = volume_of_labels(choice.layer)
        placed = yield partial(on_specimen_grid, volume, project, choice.specimen)
        labels = Foreground(placed.channels[0]) if choice.together else placed.channels[0]
        job = agreement_job(project, labels, choice.specimen, volume.name, choice.labelled_only)
        part: Progress | AgreementCounts = Progress(Stage.SCORE, 0)
        while isinstance(part, Progress):
            part = yield partial(_advance, job)
            if self._asked is not asked:
                return
            if isinstance(part, Progress):
                self.progress = part
            else:
                self.counts, self.progress, self.notes = part, None, tuple(map(str, placed.notes))
            self.counted.emit()

    def _fail(self, asked: object, error: Exception) -> None:
        if self._asked is not asked:
            return
        self.progress = None
        if isinstance(error, HypsegError):
            self.problem = str(error)
        else:
            show_exception(error)
        self.counted.emit()

    def _follow_labels(self, event: Any) -> None:
        undone = undone_strokes(self.choice.layer) if self.choice is not None else 0
        if event.type in CHANGES or undone != self._undone:
            self._again.start()
        self._undone = undone

    def _follow_layers(self) -> None:
        if self.choice is not None and self.choice.layer not in self._viewer.layers:
            self.choose(None)
        self.layers_changed.emit()


def _advance(job: Job[AgreementCounts]) -> Progress | AgreementCounts:
    """Drive a job for a moment; gives the last event, or the result. Called on a thread."""
    until = time.monotonic() + PART_SECONDS
    try:
        while True:
            event = next(job)
            if time.monotonic() >= until and isinstance(event, Progress):
                return event
    except StopIteration as ended:
        result: AgreementCounts = ended.value
        return result
