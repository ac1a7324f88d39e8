"""What the panels share: the viewer, the project at hand and the job that works on it."""

import gc
import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari.components import ViewerModel
from napari.layers import Labels, Layer
from napari.utils.notifications import show_error, show_info, show_warning
from qtpy.QtCore import QObject, QTimer, Signal

from napari_hypseg._napari.gl_context import guard_layer_removal
from napari_hypseg._napari.metadata_keys import PICTURE, PROJECT, SAMPLE, SPECIMEN
from napari_hypseg._napari.reader import open_layers
from napari_hypseg._napari.reader_preference import prefer_reader
from napari_hypseg._napari.writer_order import offer_writers_first
from napari_hypseg._qt.controllers.latent_views import LatentViewController
from napari_hypseg._qt.controllers.levels import LevelController
from napari_hypseg._qt.controllers.locate import LocateController
from napari_hypseg._qt.controllers.missing_files import MissingFiles
from napari_hypseg._qt.controllers.speed_probe import SpeedProbe
from napari_hypseg._qt.jobs.job_runner import FinishReason, JobRunner, Outcome
from napari_hypseg._qt.jobs.preload import preload
from napari_hypseg._qt.jobs.tasks import Steps, StepTask
from napari_hypseg._qt.layers.adding import adding
from napari_hypseg._qt.layers.boxes import Boxes
from napari_hypseg._qt.layers.layer_controls import LayerControls
from napari_hypseg._qt.layers.preview import slice_in_view
from napari_hypseg._qt.layers.project_view import ProjectView, project_of
from napari_hypseg._qt.layers.specimens import alike
from napari_hypseg._qt.notifications import show_exception
from napari_hypseg.errors import ProjectError
from napari_hypseg.hierarchy.colour.node_colours import node_colours
from napari_hypseg.jobs import Notice
from napari_hypseg.volumes import Vector3, Volume

if TYPE_CHECKING:
    from napari_hypseg._qt.panels.choose_panel import Choice
    from napari_hypseg.project.project import Project
    from napari_hypseg.project.settings import RunSettings

logger = logging.getLogger(__name__)

VIEW_DELAY_MS = 100
LAYER_EVENTS = frozenset({"inserted", "removed", "name", "scale", "units"})
JOBS = "napari_hypseg._qt.jobs.project_jobs"
REASONS = {
    "": None,
    "learn": "learning is under way.",
    "export": "an export is under way.",
    "locate": "the sample is being looked for.",
    "crop": "a cropped volume is being written.",
    "draw": "what was learned is being drawn.",
    "open": "a project is being opened.",
}
ON_PROJECT = frozenset({"learn", "export", "draw", "open"})


class Session(QObject):
    """One project at a time, and at most one job on it.

    Signals
    -------
    changed
        Something that decides which controls are on has changed.
    project_changed
        Another project is at hand, or the one at hand has a new segmentation.
    layers_changed
        A layer was added, taken away, renamed or placed anew.
    theme_changed
        With the name of napari's theme.
    written
        With the path of what was exported or cropped.
    """

    changed = Signal()
    project_changed = Signal()
    layers_changed = Signal()
    theme_changed = Signal(str)
    written = Signal(str)

    def __init__(self, viewer: ViewerModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.viewer = viewer
        self.project: Project | None = None
        self._awaited: Path | None = None
        self.activity = ""
        self._followed = True
        self._called_off = False
        self._at_end: Callable[[Outcome], Steps | None] = lambda outcome: None
        self.runner, self.probe = JobRunner(self), JobRunner(self)
        self.view: ProjectView | None = None
        self.wants_preview = True
        self._shown: list[tuple[Volume, Layer]] = []
        self._view_timer = _timer(self, VIEW_DELAY_MS, self._tell_view)
        self.levels = LevelController(self)
        self.boxes = Boxes(self)
        self.locating = LocateController(self)
        self.seeing = LatentViewController(self)
        self.missing_files = MissingFiles(self)
        self.pace = SpeedProbe(self, JOBS)
        self.runner.reported.connect(self._on_event)
        self.runner.finished.connect(self._on_finished)
        self.runner.state_changed.connect(lambda *_: self.changed.emit())
        viewer.dims.events.connect(self._view_changed)
        viewer.events.theme.connect(self._theme_changed)
        viewer.layers.events.connect(self._on_layers)
        prefer_reader()
        offer_writers_first()
        guard_layer_removal(viewer)
        self._controls = LayerControls(viewer)
        for layer in list(viewer.layers):
            self._attach(project_of(layer))

    def owns(self, layer: Layer) -> bool:
        """Whether `layer` shows what this plugin made, and is nothing to learn from."""
        return bool({SAMPLE, PICTURE} & layer.metadata.keys()) or (
            isinstance(layer, Labels) and project_of(layer) is not None
        )

    @property
    def busy(self) -> str | None:
        """What is under way, as a reason why something else has to wait."""
        return REASONS[self.activity]

    @property
    def locked(self) -> str | None:
        """Why the project at hand cannot be changed, None if it can."""
        return self.project.access.refusal or None if self.project is not None else None

    def learn(self, choice: "Choice", settings: "RunSettings", overwrite: bool) -> None:
        """Learn from `choice`, in the project at hand if that is where it is kept, else in a new one."""
        self.begin("learn")
        self._watch(choice)
        StepTask(self._learning(choice, settings, overwrite), self.give_up, self)

    def _learning(self, choice: "Choice", settings: "RunSettings", overwrite: bool) -> Steps:
        yield preload
        if not self.is_at_hand(choice):
            holder = self.project if self.project is not None and self.project.path == choice.path else None
            project: Project = yield partial(_create, choice, settings, overwrite, holder)
            for specimen, layers in enumerate(choice.groups):
                for layer in layers:
                    layer.metadata.update({PROJECT: str(project.path), SPECIMEN: specimen})
            self._adopt(project)
            yield None
        yield from self._work("run", settings, fresh=True)

    def is_at_hand(self, choice: "Choice") -> bool:
        """Whether the project at hand holds just what is chosen, and is kept where that is to be.

        Raises
        ------
        ProjectError
            If a source of the project is missing.
        """
        return self.project is not None and self.project.path == choice.path and self._holds(choice)

    def learn_on(self, choice: "Choice", settings: "RunSettings") -> None:
        """Go on learning from where the project at hand stopped.

        Raises
        ------
        ProjectError
            If the project at hand does not hold just what is chosen.
        """
        self._require_held(choice)
        self.begin("learn")
        self._watch(choice)
        StepTask(self._work("run", settings, fresh=False), self.give_up, self)

    def set_preview(self, wanted: bool) -> None:
        """Show previews while learning, or none any more."""
        self.wants_preview = wanted
        if self.activity == "learn" and self.view is not None:
            StepTask(self.view.begin_preview() if wanted else self.view.end_preview(), show_exception, self)
            self._tell_view()

    def segment(self, choice: "Choice", settings: "RunSettings") -> None:
        """Make regions from what the project at hand has learned.

        Raises
        ------
        ProjectError
            If the project at hand does not hold just what is chosen.
        """
        self._require_held(choice)
        self.begin("learn")
        self._shown = []
        StepTask(self._work("segment", settings), self.give_up, self)

    def open(self, path: Path) -> None:
        """Bring back the project at `path` as it was left; its layers come from the reader."""
        if any(project_of(layer) == path for layer in self.viewer.layers):
            self._attach(path)
        else:
            self.begin("open")
            StepTask(self.opening(path), self.give_up, self)

    def opening(self, path: Path) -> Steps:
        """Read on a thread, and add the layers in turns."""
        yield preload
        layers, notes = yield partial(open_layers, [path])
        yield from adding(self.viewer, layers)
        for note in notes:
            show_warning(note)
        self._set_activity("")
        self._attach(path)

    def close_project(self) -> Steps:
        """Let go of the project at hand and take its layers away."""
        project, self.project, self.view = self.project, None, None
        if project is not None:
            project.close()
            self.project_changed.emit()
            for layer in [layer for layer in self.viewer.layers if project_of(layer) == project.path]:
                self.viewer.layers.remove(layer)
                yield None

    def correct_voxel_size(self, layers: Sequence[Layer], voxel_size: Vector3, unit: str) -> None:
        """Give layers, and with them the specimens they show and their regions, another voxel size.

        Raises
        ------
        ProjectError
            If a specimen's source is missing.
        """
        for layer in layers:
            specimen = self._specimen_of(layer)
            if self.project is not None and self.view is not None and specimen is not None:
                self.project.correct_voxel_size(specimen, voxel_size, unit)
                self.view.resize_voxels(specimen)
            layer.scale, layer.units = voxel_size, (unit,) * 3

    def begin(self, activity: str) -> None:
        """Say what is under way from now on, a key of `REASONS`; `start` or `give_up` has to follow."""
        self._called_off = False
        self._set_activity(activity)

    def start(self, job: str, at_end: Callable[[Outcome], Steps | None], **arguments: Any) -> None:
        """Let a job of `project_jobs` do what was begun, then call `at_end`; failures are told here.

        What `at_end` returns, if anything, is done in turns before the job counts as over.
        """
        self._at_end = at_end
        if self._called_off:
            self._on_finished(Outcome(FinishReason.CANCELLED))
        else:
            self.runner.start(f"{JOBS}:{job}", **arguments)

    def cancel(self) -> None:
        """End what is under way and keep nothing of it; what has not come to its job yet is not let start."""
        self._called_off = True
        self.runner.cancel()
        if self.activity:
            self.changed.emit()

    def give_up(self, error: Exception) -> None:
        """Tell why what was begun cannot be done."""
        show_exception(error)
        self._set_activity("")

    @property
    def ending(self) -> bool:
        """Whether what is under way has been cancelled already."""
        return self._called_off

    def leave(self) -> None:
        """Save, end what is under way and let the viewer go, for when the dock is closed; it does not wait."""
        self.levels.save()
        gc.unfreeze()
        if self._followed:
            self._followed = False
            self.viewer.dims.events.disconnect(self._view_changed)
            self.viewer.events.theme.disconnect(self._theme_changed)
            self.viewer.layers.events.disconnect(self._on_layers)
        self.cancel()
        if not self.activity:
            self._let_go()

    def shut_down(self) -> None:
        """End what is under way and wait until it has ended, for when the window closes."""
        self.leave()
        self.runner.shut_down()
        self.probe.shut_down()
        self._let_go()

    def _holds(self, choice: "Choice") -> bool:
        """Whether the project at hand holds just what is chosen."""
        project = self.project
        if project is None or len(project.records) != len(choice.specimens):
            return False
        return all(map(alike, project.specimens, choice.specimens))

    def _require_held(self, choice: "Choice") -> None:
        if not self._holds(choice):
            raise ProjectError(
                "What is ticked in step 1, its box or its mask is not what the project was made from; press Train to "
                "start from what is ticked."
            )

    def _specimen_of(self, layer: Layer) -> int | None:
        """Number of the specimen of the project at hand that a layer shows."""
        if self.project is not None and project_of(layer) == self.project.path:
            return int(layer.metadata[SPECIMEN])
        return None

    def _watch(self, choice: "Choice") -> None:
        """Remember where previews belong; of several channels, the first stands for the specimen."""
        self._shown = [(s.volume, layers[0]) for s, layers in zip(choice.specimens, choice.groups, strict=True)]

    def _work(self, job: str, settings: "RunSettings", **arguments: Any) -> Steps:
        project, view = self.project, self.view
        if project is None or view is None:
            return
        yield preload
        yield partial(project.configure, settings)
        if self._shown and self.wants_preview:
            yield from view.begin_preview()
        self.start(job, self._take_up, project=project.path, **arguments)
        self._tell_view()

    def _on_event(self, event: Any) -> None:
        if isinstance(event, Notice):
            show_warning(event.message)
        elif self.activity == "learn" and self.wants_preview and self.view is not None:
            from napari_hypseg.pipeline import Preview

            if isinstance(event, Preview):
                self.view.show_preview(event)

    def _on_finished(self, outcome: Outcome) -> None:
        StepTask(self._finishing(outcome), self._finish_badly, self)

    def _finishing(self, outcome: Outcome) -> Steps:
        if outcome.reason is FinishReason.FAILED:
            show_error(outcome.message)
        yield from self._at_end(outcome) or ()
        self._finish()

    def _finish_badly(self, error: Exception) -> None:
        show_exception(error)
        self._finish()

    def _finish(self) -> None:
        self._set_activity("")
        if not self._followed:
            self._let_go()

    def _let_go(self) -> None:
        """Let other programs write to the project at hand."""
        if self.project is not None:
            self.project.close()

    def _take_up(self, outcome: Outcome) -> Steps:
        """Show what a job has written to the project at hand."""
        project, view = self.project, self.view
        if project is None or view is None:
            return
        yield partial(_reread, project)
        yield from view.end_preview()
        if outcome.reason is not FinishReason.DONE and (yield partial(_discard_if_empty, project)):
            self._detach(project)
            return
        if outcome.reason is FinishReason.DONE:
            show_info(f"The regions are kept in {project.path.name}.")
            self.pace.learn_from(project)
        self.project_changed.emit()
        yield project.forget_unused

    def _detach(self, project: "Project") -> None:
        """Let go of a project in which nothing was learned; one that it was to replace is there again."""
        from napari_hypseg.project.project_file import is_project

        for layer in self.viewer.layers:
            if project_of(layer) == project.path and not self.owns(layer):
                del layer.metadata[PROJECT], layer.metadata[SPECIMEN]
        self.project = self.view = None
        self.project_changed.emit()
        if is_project(project.path):
            QTimer.singleShot(0, partial(self._attach, project.path))  # once nothing is under way any more

    def _adopt(self, project: "Project") -> None:
        """Make `project` the one at hand."""
        self.levels.save()
        if self.project is not None:
            self.project.close()
        self.project, self.view = project, ProjectView(self.viewer, project)
        self.levels.see_through()
        self.project_changed.emit()
        self.changed.emit()

    def _attach(self, path: Path | None) -> None:
        """Take up the project of a layer, unless another one is being worked on or it is on its way already."""
        if path is None or path == self._awaited or self.activity in ON_PROJECT:
            return
        if self.project is None or self.project.path != path:
            self._awaited = path
            StepTask(self._attaching(path), show_exception, self)

    def _attaching(self, path: Path) -> Steps:
        try:
            project: Project = yield partial(_open, path)
        finally:
            self._awaited = None
        if self.activity in ON_PROJECT or (self.project is not None and self.project.path == path):
            project.close()
            return
        self._adopt(project)
        for note in project.notes:
            show_warning(note)
        yield from self.missing_files.look_for(project)

    def _on_layers(self, event: Any) -> None:
        """Pass on what the panels care about, as signals that end with their receivers."""
        if event.type == "inserted":
            path = project_of(event.value)
            if path is not None and (self.project is None or self.project.path != path):
                QTimer.singleShot(0, lambda: self._attach(path))  # once all layers of the project are there
        if event.type in LAYER_EVENTS:
            self.layers_changed.emit()
        elif event.type == "visible":
            self.levels.changed.emit()

    def _theme_changed(self, event: Any) -> None:
        self.theme_changed.emit(event.value)

    def _view_changed(self, event: Any = None) -> None:
        if self.activity == "learn":
            self._view_timer.start()

    def _tell_view(self) -> None:
        if self.activity == "learn" and self.runner.busy:
            view = slice_in_view(self.viewer, self._shown) if self.wants_preview else None
            self.runner.show_view(None if view is None else (view.specimen, view.axis, view.index))

    def _set_activity(self, activity: str) -> None:
        """Say what is under way. Meanwhile Python does not search what napari holds for garbage: that takes 180 ms."""
        gc.freeze() if activity else gc.unfreeze()
        self.activity = activity
        self.changed.emit()


def _create(choice: "Choice", settings: "RunSettings", overwrite: bool, holder: "Project | None") -> "Project":
    from napari_hypseg.project.access import WINDOW
    from napari_hypseg.project.project import Project

    return Project.create(choice.path, choice.specimens, settings, overwrite, WINDOW, holder)


def _open(path: Path) -> "Project":
    from napari_hypseg.project.access import WINDOW
    from napari_hypseg.project.project import Project

    preload()
    project = Project.open(path, write=True, what=WINDOW)
    _colour(project)
    return project


def _discard_if_empty(project: "Project") -> bool:
    from napari_hypseg.project.empty import discard_if_empty

    return discard_if_empty(project)


def _reread(project: "Project") -> None:
    project.reload()
    _colour(project)


def _colour(project: "Project") -> None:
    """Have the colours of all nodes worked out, which are asked for when the layers are shown."""
    if project.hierarchy is not None:
        node_colours(project.hierarchy)


def _timer(parent: QObject, delay: int, act: Callable[[], None]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(delay)
    timer.timeout.connect(act)
    return timer
