"""Opening, creating and closing projects: which one is at hand, and its layers."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from napari.components import ViewerModel
from napari.layers import Layer
from napari.utils.notifications import show_warning
from qtpy.QtCore import QObject, QTimer, Signal

from napari_hypseg._napari.layer_project import is_made_here, project_of, specimen_of
from napari_hypseg._napari.metadata_keys import PROJECT, SPECIMEN
from napari_hypseg._napari.reader import open_layers
from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import OPEN
from napari_hypseg._qt.jobs.preload import preload
from napari_hypseg._qt.jobs.tasks import Steps, StepTask, ThreadTask
from napari_hypseg._qt.layers.add_layers import add_layers
from napari_hypseg._qt.layers.image_display import Display, image_display, with_display
from napari_hypseg._qt.layers.specimens import Choice
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.notifications import show_exception
from napari_hypseg.hierarchy.colour.node_colours import node_colours
from napari_hypseg.project.recent_projects import RecentProjects
from napari_hypseg.volumes import Vector3

if TYPE_CHECKING:
    from napari_hypseg.project.project import Project
    from napari_hypseg.project.run_settings import RunSettings


class ProjectController(QObject):
    """Puts projects at hand, one at a time.

    Attributes
    ----------
    recent
        Those that were at hand last.

    Signals
    -------
    files_missing
        With the paths of volumes that the project at hand was made from and that are gone.
    """

    files_missing = Signal(object)

    def __init__(self, viewer: ViewerModel, model: WindowModel, activity: Activity, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer, self._model, self._activity = viewer, model, activity
        self._opening: Path | None = None
        self.recent = RecentProjects()

    def open(self, path: Path) -> None:
        """Bring back the project at `path` as it was left; its layers come from the reader."""
        if any(project_of(layer) == path for layer in self._viewer.layers):
            self.attach(path)
        else:
            self._activity.begin(OPEN)
            StepTask(self._add_layers(path), self._activity.fail, self)

    def attach(self, path: Path | None) -> None:
        """Take up the project of a layer, unless another one is being worked on or it is on its way already."""
        if path is None or path == self._opening or self._is_held() or self._is_at_hand(path):
            return
        self._opening = path
        StepTask(self._attach(path), show_exception, self)

    def create(self, choice: Choice, settings: "RunSettings", overwrite: bool) -> Steps:
        """Put a new project of `choice` at hand."""
        project = self._model.project
        holder = project if project is not None and project.path == choice.path else None
        created: Project = yield partial(_create, choice, settings, overwrite, holder)
        for specimen, layers in enumerate(choice.groups):
            for layer in layers:
                layer.metadata.update({PROJECT: str(created.path), SPECIMEN: specimen})
        self._adopt(created)
        yield None

    def discard(self, project: "Project") -> None:
        """Let go of a project in which nothing was learned; one that it was to replace is there again."""
        from napari_hypseg.project.project_file import is_project

        for layer in self._viewer.layers:
            if project_of(layer) == project.path and not is_made_here(layer):
                del layer.metadata[PROJECT], layer.metadata[SPECIMEN]
        self._model.project = None
        if is_project(project.path):
            QTimer.singleShot(0, partial(self.attach, project.path))  # once nothing is under way any more

    def release(self) -> None:
        """Let other programs write to the project at hand."""
        if self._model.project is not None:
            self._model.project.close()

    def locate_files(self, places: Sequence[Path]) -> None:
        """Look in `places`, files and folders, for what is missing, and open the project with it."""
        if self._model.project is not None:
            self._activity.begin(OPEN)
            StepTask(self._locate_files(self._model.project, places), self._activity.fail, self)

    def go_on_in(self, copy: Path) -> Steps:
        """Put a copy of the project at hand in its place, with what was edited while it was made."""
        project = self._model.project
        if project is None:
            return
        display = image_display(self._layers_of(project))
        self._model.project = None
        project.close()  # no edit comes any more
        try:
            yield partial(_update_copy, project, copy)
        except Exception:
            QTimer.singleShot(0, partial(self.attach, project.path))  # once nothing is under way any more
            raise
        yield from self._remove_layers(project)
        yield from self._add_layers(copy, display)

    def correct_voxel_size(self, layers: Sequence[Layer], voxel_size: Vector3, unit: str) -> None:
        """Give layers, and with them the specimens they show and their regions, another voxel size.

        Raises
        ------
        ProjectError
            If a specimen's source is missing.
        """
        for layer in layers:
            specimen = specimen_of(layer, self._model.project)
            if self._model.project is not None and specimen is not None:
                self._model.project.correct_voxel_size(specimen, voxel_size, unit)
            layer.scale, layer.units = voxel_size, (unit,) * 3

    def _add_layers(self, path: Path, display: Display | None = None) -> Steps:
        """Read on a thread, and add the layers in turns, images with the looks in `display`."""
        yield preload
        layers, notes = yield partial(open_layers, [path])
        yield from add_layers(self._viewer, with_display(layers, display) if display else layers)
        for note in notes:
            show_warning(note)
        self._activity.end()
        self.attach(path)

    def _attach(self, path: Path) -> Steps:
        try:
            project: Project = yield partial(_open, path)
        finally:
            self._opening = None
        if self._is_held() or self._is_at_hand(path):
            project.close()
            return
        self._adopt(project)
        for note in project.notes:
            show_warning(note)
        if not project.read_only and (missing := (yield partial(_missing_files, project))):
            self.files_missing.emit(missing)

    def _adopt(self, project: "Project") -> None:
        before = self._model.project
        self._model.project = project
        if before is not None:
            before.close()
        ThreadTask(partial(self.recent.add, project.path), lambda _: None, show_exception, self)

    def _close(self, project: "Project") -> Steps:
        """Let go of the project at hand and take its layers away."""
        self._model.project = None
        project.close()
        yield from self._remove_layers(project)

    def _remove_layers(self, project: "Project") -> Steps:
        for layer in self._layers_of(project):
            self._viewer.layers.remove(layer)
            yield None

    def _layers_of(self, project: "Project") -> list[Layer]:
        return [layer for layer in self._viewer.layers if project_of(layer) == project.path]

    def _locate_files(self, project: "Project", places: Sequence[Path]) -> Steps:
        with self._model.changes_held():
            yield partial(_relink, project, places)
        yield from self._close(project)
        yield from self._add_layers(project.path)

    def _is_held(self) -> bool:
        return self._activity.kind is not None and self._activity.kind.holds_project

    def _is_at_hand(self, path: Path) -> bool:
        return self._model.project is not None and self._model.project.path == path


def load_colours(project: "Project") -> None:
    """Have the colours of all nodes computed, which are asked for when the layers are shown."""
    for tree in project.hierarchies.values():
        node_colours(tree)


def _create(choice: Choice, settings: "RunSettings", overwrite: bool, holder: "Project | None") -> "Project":
    from napari_hypseg.project.access import WINDOW
    from napari_hypseg.project.project import Project

    return Project.create(choice.path, choice.specimens, settings, overwrite, WINDOW, holder)


def _open(path: Path) -> "Project":
    from napari_hypseg.project.access import WINDOW
    from napari_hypseg.project.project import Project

    preload()
    project = Project.open(path, write=True, what=WINDOW)
    load_colours(project)
    return project


def _update_copy(project: "Project", copy: Path) -> None:
    from napari_hypseg.project.copying import update_copy

    update_copy(project.path, copy)


def _missing_files(project: "Project") -> list[Path]:
    from napari_hypseg.project.relinking import missing_files

    return missing_files(project)


def _relink(project: "Project", places: Sequence[Path]) -> None:
    from napari_hypseg.project.relinking import relink_missing

    relink_missing(project, places)
