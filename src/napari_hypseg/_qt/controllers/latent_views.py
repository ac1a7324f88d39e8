"""Latent views, from the window's side: lets a job compute one and shows it as layers."""

from functools import partial
from typing import TYPE_CHECKING, Any

from napari.components import ViewerModel
from napari.layers import Image, Layer
from napari.utils.notifications import show_info
from qtpy.QtCore import QObject

from napari_hypseg._napari.latent_view_layers import latent_view_layers
from napari_hypseg._napari.layer_project import project_of
from napari_hypseg._napari.metadata_keys import CHANNEL, PICTURE, SPECIMEN
from napari_hypseg._napari.volume_layers import LayerTuple
from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import DRAW
from napari_hypseg._qt.jobs.job_runner import FinishReason, Outcome
from napari_hypseg._qt.jobs.tasks import ThreadTask
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.notifications import show_exception
from napari_hypseg.errors import ProjectError
from napari_hypseg.jobs import drive
from napari_hypseg.pipeline.latent_views import LatentView, ViewRequest

if TYPE_CHECKING:
    from napari_hypseg.project.project import Project
    from napari_hypseg.volumes import Volume


class LatentViewController(QObject):
    """Latent views of the present project."""

    def __init__(self, viewer: ViewerModel, model: WindowModel, activity: Activity, parent: QObject) -> None:
        super().__init__(parent)
        self._layers, self._model, self._activity = viewer.layers, model, activity

    def draw(self, picture: LatentView, wish: ViewRequest) -> None:
        """Compute a latent view, or read the stored one, and show it."""
        project = self._model.project
        if project is not None:
            self._activity.begin(DRAW)
            at_end = partial(self._take_up, project, picture, wish)
            self._activity.run("draw", at_end, project=project.path, name=picture.name, wish=wish)

    def _take_up(self, project: "Project", picture: LatentView, wish: ViewRequest, outcome: Outcome) -> None:
        if outcome.reason is FinishReason.DONE:
            show = partial(self._show, project, picture)
            ThreadTask(partial(_read, project, picture, wish), show, show_exception, self)

    def _show(self, project: "Project", picture: LatentView, read: tuple["Volume", list[LayerTuple]]) -> None:
        """Show the layers over the specimen and under its regions, in place of those of the same view."""
        if self._model.project is not project:
            return
        drawn, layers = read
        specimen = layers[0][1]["metadata"][SPECIMEN]
        there = self._give_way(project, picture, specimen)
        for data, keywords, kind in layers:
            before = there.pop(keywords["metadata"][CHANNEL][0], None)
            if before is None:
                self._insert(project, Layer.create(data, keywords, kind))
            else:  # adding and removing layers makes napari stutter
                before.data, before.contrast_limits = data, keywords["contrast_limits"]
                before.name, before.visible = keywords["name"], keywords["visible"]
        show_info(" ".join((f"Now under the regions: {picture.title.lower()}.", *drawn.notes)))

    def _give_way(self, project: "Project", picture: LatentView, specimen: int) -> dict[int, Image]:
        """Hide all latent views of a specimen; gives the layers of the one that is wanted by their channel."""
        layers = [
            layer
            for layer in self._layers
            if PICTURE in layer.metadata and project_of(layer) == project.path and layer.metadata[SPECIMEN] == specimen
        ]
        for layer in layers:
            layer.visible = False
        return {layer.metadata[CHANNEL][0]: layer for layer in layers if layer.metadata[PICTURE] == picture.name}

    def _insert(self, project: "Project", layer: Layer) -> None:
        layers = self._layers
        selected = set(layers.selection)
        images = [
            index
            for index, other in enumerate(layers)
            if isinstance(other, Image)
            and project_of(other) == project.path
            and other.metadata[SPECIMEN] == layer.metadata[SPECIMEN]
        ]
        layers.insert(max(images, default=-1) + 1, layer)
        layers.selection = selected


def _read(project: "Project", picture: LatentView, wish: ViewRequest) -> tuple["Volume", list[LayerTuple]]:
    """The view that a job has just computed, and its layers."""
    drawn = drive(picture.draw(project, wish), _not_there)
    return drawn, latent_view_layers(project, picture.name, wish.specimen, drawn)


def _not_there(event: Any) -> None:
    raise ProjectError("What was learned has changed while it was being drawn; press Show again.")
