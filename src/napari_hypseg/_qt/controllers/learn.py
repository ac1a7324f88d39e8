"""Learning and making regions: the job on the project at hand, its preview on the slice in view, its result."""

import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from napari.components import ViewerModel
from napari.layers import Layer
from napari.utils.notifications import show_info
from qtpy.QtCore import QObject, Signal

from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import FIRST, LEARN, ActivityKind
from napari_hypseg._qt.controllers.projects import ProjectController, load_colours
from napari_hypseg._qt.jobs.job_runner import FinishReason, Outcome
from napari_hypseg._qt.jobs.preload import preload
from napari_hypseg._qt.jobs.tasks import Steps, StepTask
from napari_hypseg._qt.layers.preview import slice_in_view
from napari_hypseg._qt.layers.project_difference import holds
from napari_hypseg._qt.layers.project_view import ProjectView
from napari_hypseg._qt.layers.specimens import Choice
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.notifications import show_exception
from napari_hypseg.errors import ProjectError
from napari_hypseg.jobs import quietly
from napari_hypseg.volumes import Volume

if TYPE_CHECKING:
    from napari_hypseg.pipeline.replay import Replayed
    from napari_hypseg.project.project import Project
    from napari_hypseg.project.run_settings import RunSettings


class LearnController(QObject):
    """Trains the model of a project and segments with it.

    Signals
    -------
    segmented
        With the project whose regions were just made.
    """

    segmented = Signal(object)

    def __init__(
        self,
        viewer: ViewerModel,
        model: WindowModel,
        activity: Activity,
        projects: ProjectController,
        view: ProjectView,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._viewer, self._model, self._activity = viewer, model, activity
        self._projects, self._view = projects, view
        self._wants_preview, self._prefers_preview = True, False
        self._first_shown = threading.Event()
        self._volumes: list[tuple[Volume, Layer]] = []
        activity.reported.connect(self._on_event)

    def make_first(self, choice: Choice, settings: "RunSettings", overwrite: bool) -> None:
        """Make first regions of `choice` without learning, in the project at hand if that is where they are kept."""
        self._begin(None, FIRST)
        StepTask(self._start("first_regions", choice, settings, overwrite), self._activity.fail, self)

    def learn(self, choice: Choice, settings: "RunSettings", overwrite: bool) -> None:
        """Learn from `choice`, in the project at hand if that is where it is kept, else in a new one."""
        self._begin(choice)
        StepTask(self._start("run", choice, settings, overwrite, fresh=True), self._activity.fail, self)

    def learn_on(self, choice: Choice, settings: "RunSettings") -> None:
        """Go on learning from where the project at hand stopped.

        Raises
        ------
        ProjectError
            If the project at hand does not hold just what is chosen.
        """
        self._require_held(choice)
        self._begin(choice)
        StepTask(self._run("run", settings, fresh=False), self._activity.fail, self)

    def segment(self, choice: Choice, settings: "RunSettings") -> None:
        """Make regions from what the project at hand has learned.

        Raises
        ------
        ProjectError
            If the project at hand does not hold just what is chosen.
        """
        self._require_held(choice)
        self._begin(None)
        StepTask(self._run("segment", settings), self._activity.fail, self)

    def is_at_hand(self, choice: Choice) -> bool:
        """Whether the project at hand holds just what is chosen, and is kept where that is to be.

        Raises
        ------
        ProjectError
            If a source of the project is missing.
        """
        project = self._model.project
        return project is not None and project.path == choice.path and holds(project, choice.specimens)

    def set_preview(self, wanted: bool) -> None:
        """Show previews while learning, in place of first regions too, or none any more."""
        self._wants_preview = wanted
        if self._activity.kind is LEARN and self._model.project is not None:
            self._prefers_preview = wanted
            if self._first_shown.is_set():  # else it follows when first regions are in the picture
                StepTask(self._view.begin_preview() if wanted else self._view.end_preview(), show_exception, self)
                self.send_slice()

    def send_slice(self) -> None:
        """Tell the job which slice is in view, so that it previews that one."""
        if self._activity.kind is LEARN and self._activity.runner.busy:
            view = slice_in_view(self._viewer, self._volumes) if self._shows_preview else None
            self._activity.runner.show_view(None if view is None else (view.specimen, view.axis, view.index))

    @property
    def _shows_preview(self) -> bool:
        """Whether previews are shown; first regions are there to be worked on meanwhile, so they stay if they may."""
        return self._wants_preview and (self._prefers_preview or not self._model.from_filters)

    def _begin(self, choice: Choice | None, kind: ActivityKind = LEARN) -> None:
        """Remember where previews belong; of several channels, the first stands for the specimen."""
        self._prefers_preview = False
        self._first_shown.set()
        self._activity.begin(kind)
        groups = [] if choice is None else choice.groups
        specimens = [] if choice is None else choice.specimens
        self._volumes = [(s.volume, layers[0]) for s, layers in zip(specimens, groups, strict=True)]

    def _require_held(self, choice: Choice) -> None:
        if self._model.project is None or not holds(self._model.project, choice.specimens):
            raise ProjectError(
                "What is ticked in step 1, its box or its mask is not what the project was made from; press Train to "
                "start from what is ticked."
            )

    def _start(self, job: str, choice: Choice, settings: "RunSettings", overwrite: bool, **arguments: Any) -> Steps:
        yield preload
        if not self.is_at_hand(choice):
            yield from self._projects.create(choice, settings, overwrite)
        yield from self._run(job, settings, **arguments)

    def _run(self, job: str, settings: "RunSettings", **arguments: Any) -> Steps:
        project = self._model.project
        if project is None:
            return
        yield preload
        with self._model.changes_held():
            yield partial(project.configure, settings)
        if self._volumes and self._shows_preview:
            yield from self._view.begin_preview()
        self._activity.run(job, partial(self._finish, project), project=project.path, **arguments)
        self.send_slice()

    def _finish(self, project: "Project", outcome: Outcome) -> Steps:
        """Show what a job has written to the project."""
        done = outcome.reason is FinishReason.DONE
        yield self._first_shown.wait
        with self._model.changes_held():
            yield partial(_reload, project)
        yield from self._view.end_preview()
        if not done and (yield partial(_discard_if_empty, project)):
            self._projects.discard(project)
            return
        if done:
            self.segmented.emit(project)
            yield from self._carry_over(project)
        yield project.forget_unused

    def _show_first(self, project: "Project") -> Steps:
        """Show first regions while the job goes on to learn."""
        try:
            with self._model.changes_held():
                yield partial(_reload, project)
            if self._model.project is project:
                yield from self._view.show_segmentation()
                if self._shows_preview:
                    yield from self._view.begin_preview()
                show_info("First regions, from filters: they can be worked on while learning refines them.")
                self.send_slice()
        finally:
            self._first_shown.set()

    def _carry_over(self, project: "Project") -> Steps:
        """Make the structures of the regions that were there before again of the new ones, and say what was made."""
        from_filters = project.segmentation is not None and project.segmentation.from_filters
        what = "First regions, from filters: nothing was learned yet" if from_filters else ""
        with self._model.changes_held():
            named = yield partial(_name_regions, project)
        if named:
            with self._model.changes_held():  # of several changes that are held, the last alone is announced
                yield partial(_show_pieces, project, named)
            what = f"{named} structures of the prior are named"
        if project.superseded is not None:
            with self._model.changes_held():
                replayed = yield partial(_carry_over, project)
            if replayed.structures and replayed.done:
                made = "filters" if from_filters else "what was learned"
                what = f"Regions are made anew from {made}; {replayed.summary}"
        kept = f"kept in {project.path.name}."
        self._viewer.status = f"{what}. They are {kept}" if what else f"The regions are {kept}"
        show_info(self._viewer.status)

    def _on_event(self, event: Any) -> None:
        if self._activity.kind is not LEARN:
            return
        from napari_hypseg.pipeline import FirstRegions, Preview

        if isinstance(event, Preview) and self._shows_preview:
            self._view.show_preview(event)
        elif isinstance(event, FirstRegions) and self._model.project is not None:
            self._first_shown.clear()
            StepTask(self._show_first(self._model.project), show_exception, self)


def _reload(project: "Project") -> None:
    project.reload()
    load_colours(project)


def _name_regions(project: "Project") -> int:
    from napari_hypseg.pipeline.name_regions import name_regions

    return name_regions(project)


def _show_pieces(project: "Project", named: int) -> None:
    from napari_hypseg.pipeline.name_regions import show_pieces

    show_pieces(project, named)


def _carry_over(project: "Project") -> "Replayed":
    from napari_hypseg.pipeline.replay import carry_over

    return quietly(carry_over(project))


def _discard_if_empty(project: "Project") -> bool:
    from napari_hypseg.project.empty_project import discard_if_empty

    return discard_if_empty(project)
