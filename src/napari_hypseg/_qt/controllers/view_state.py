"""Keeps how a project is looked at, and shows it like that again when it is opened."""

from contextlib import suppress
from typing import Any

from napari.components import ViewerModel
from qtpy.compat import isalive
from qtpy.QtCore import QObject

from napari_hypseg._napari.layer_project import project_of
from napari_hypseg._qt.layers.layer_events import single_shot
from napari_hypseg._qt.model import WindowModel
from napari_hypseg.project.project import Project
from napari_hypseg.project.view_state import SelectionRecord, ViewState

SAVE_DELAY_MS = 1500


class ViewStateController(QObject):
    """Writes the view when the person has stopped moving for a moment, and before another project is at hand."""

    def __init__(self, viewer: ViewerModel, model: WindowModel, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer, self._model = viewer, model
        self._restored: Project | None = None
        self._later = single_shot(self, self.save, SAVE_DELAY_MS)
        self._soon = single_shot(self, self._restore)  # once all layers of the project are there
        model.project_changing.connect(self.save)
        model.project_changed.connect(self._on_project)
        for changed in (model.selection_changed, model.tree_changed):
            changed.connect(self._on_moved)
        for event in (viewer.dims.events.point, viewer.dims.events.ndisplay, viewer.scene.camera.events):
            event.connect(self._on_moved)

    def disconnect_viewer(self) -> None:
        """Let the viewer go."""
        viewer = self._viewer
        for event in (viewer.dims.events.point, viewer.dims.events.ndisplay, viewer.scene.camera.events):
            event.disconnect(self._on_moved)

    def save(self) -> None:
        """Write how the project at hand is looked at now, if it was shown."""
        if not isalive(self):  # type: ignore[no-untyped-call]
            return  # the window is gone already, and what it showed was written then
        self._later.stop()
        project = self._model.project
        if project is None or project is not self._restored or project.segmentation is None:
            return
        if any(project_of(layer) == project.path for layer in self._viewer.layers):  # a viewer without is at slice 0
            self._state(project.segmentation.fingerprint).write(project)

    def _on_project(self) -> None:
        self._soon.start()

    def _on_moved(self, event: Any = None) -> None:
        if self._restored is not None:
            self._later.start()

    def _state(self, segmentation: str) -> ViewState:
        camera, dims, model = self._viewer.scene.camera, self._viewer.dims, self._model
        selection = model.selection
        return ViewState(
            segmentation,
            int(dims.ndisplay),
            _triple(dims.point),
            _triple(camera.center),
            float(camera.zoom),
            _triple(camera.angles),
            model.active.id if model.active is not None else None,
            SelectionRecord.of(selection) if selection is not None else None,
            model.project.tree if model.project is not None else None,
        )

    def _restore(self) -> None:
        """Show a project that has just been opened as it was left; one that was just made stays as it is."""
        project = self._model.project
        if project is None or project is self._restored or project.segmentation is None:
            return
        self._restored = project
        state = ViewState.read(project)
        if state is None:
            return
        camera, dims = self._viewer.scene.camera, self._viewer.dims
        with suppress(ValueError, TypeError):  # a view is worth no error
            dims.ndisplay = state.n_displayed
            for axis, place in zip(range(dims.ndim)[-3:], state.point, strict=False):
                dims.set_point(axis, place)
            camera.center, camera.zoom, camera.angles = state.centre, state.zoom, state.angles
        if state.tree in project.hierarchies and state.tree is not None:
            project.choose_tree(state.tree)
        annotation = self._model.annotation
        known = annotation is not None and state.active in annotation.structures
        selection = state.selection.selection(project) if state.selection is not None else None
        self._model.select(selection, state.active if known else None)


def _triple(values: Any) -> tuple[float, float, float]:
    z, y, x = [0.0, 0.0, 0.0, *map(float, values)][-3:]
    return z, y, x
