"""Surfaces of structures, from the window's side: a job makes them, and layers show them until they are made again."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from napari.components import ViewerModel
from napari.layers import Image, Labels, Surface
from qtpy.QtCore import QObject

from napari_hypseg._napari.layer_project import project_of
from napari_hypseg._napari.metadata_keys import SPECIMEN, SURFACE
from napari_hypseg._napari.napari_internals import add_unselected
from napari_hypseg._napari.surface_layers import OUTDATED, one_colour, surface_data, surface_layer
from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import SURFACE as MAKING
from napari_hypseg._qt.jobs.job_runner import FinishReason, Outcome
from napari_hypseg._qt.jobs.tasks import Steps
from napari_hypseg._qt.model import WindowModel
from napari_hypseg.pipeline.surfaces import SurfaceHead, read_surfaces
from napari_hypseg.storage.scratch import Scratch
from napari_hypseg.structures.annotation import Annotation
from napari_hypseg.structures.same_voxels import same_voxels
from napari_hypseg.structures.surface_mesh import SurfaceMesh

if TYPE_CHECKING:
    from napari_hypseg.project.project import Project


@dataclass(frozen=True)
class SurfaceChoice:
    """Which surfaces: names of structures (none for all), number of the specimen, and `SurfaceSettings`."""

    names: tuple[str, ...] = ()
    specimen: int = 0
    settings: dict[str, Any] = field(default_factory=dict)


class SurfaceController(QObject):
    """Makes surfaces of the structures of the project at hand and keeps their layers in step with the edits."""

    def __init__(self, viewer: ViewerModel, model: WindowModel, activity: Activity, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer, self._model, self._activity = viewer, model, activity
        self._made: dict[tuple[int, int], tuple[str, Annotation]] = {}
        """By specimen and structure: its name and the structures when its surface was made."""
        model.project_changed.connect(self._forget)
        model.structures_changed.connect(self._follow_edits)

    def make(self, choice: SurfaceChoice, alone: bool) -> None:
        """Make surfaces and show them in place of earlier ones, `alone` in 3D if wanted."""
        project, annotation = self._model.project, self._model.annotation
        if project is None or annotation is None:
            return
        file = Scratch(".npz")
        self._activity.begin(MAKING)
        self._activity.run(
            "surfaces", partial(self._take_up, project, choice.specimen, annotation, file, alone),
            project=project.path, names=choice.names, specimen=choice.specimen, settings=choice.settings,
            path=file.path,
        )  # fmt: skip

    def _take_up(
        self, project: "Project", specimen: int, annotation: Annotation, file: Scratch, alone: bool, outcome: Outcome
    ) -> Steps | None:
        if outcome.reason is not FinishReason.DONE or self._model.project is not project:
            return None
        return self._show(project, specimen, annotation, file, alone, outcome.result)

    def _show(
        self, project: "Project", specimen: int, annotation: Annotation, file: Scratch, alone: bool,
        heads: tuple[SurfaceHead, ...],
    ) -> Steps:  # fmt: skip
        """Read the triangles on a thread, and show one surface a turn."""
        unit = project.specimen_record(specimen).unit
        meshes: tuple[SurfaceMesh, ...] = yield partial(read_surfaces, file.path, heads, unit)
        file.discard()
        for head, mesh in zip(heads, meshes, strict=True):
            self._show_surface(project, specimen, head, mesh)
            self._made[specimen, head.id] = (head.name, annotation)
            yield None
        if alone and heads:
            self._show_alone()
        self._follow_edits()

    def _show_surface(self, project: "Project", specimen: int, head: SurfaceHead, mesh: SurfaceMesh) -> None:
        layer = next((la for la in self._layers() if _key(la) == (specimen, head.id)), None)
        if layer is None:
            add_unselected(self._viewer, surface_layer(project, specimen, head.id, mesh))
            return
        layer.data = surface_data(project, specimen, mesh)
        layer.name, layer.visible = f"surface of {head.name}", True

    def _show_alone(self) -> None:
        """Show the surfaces in 3D without the volumes and regions around them."""
        for layer in self._viewer.layers:
            if isinstance(layer, Image | Labels):
                layer.visible = False
        self._viewer.dims.ndisplay = 3
        self._viewer.reset_view()

    def _forget(self) -> None:
        """Other regions or another project are at hand: of what is shown, nobody knows any more what it was made of."""
        self._made.clear()
        self._follow_edits()

    def _follow_edits(self) -> None:
        """Say which surfaces are out of date, and let colours and names follow at once."""
        now = self._model.annotation
        for layer in self._layers() if now is not None else ():
            name, made_of = self._made.get(_key(layer), ("", None))
            one = now.structures.get(layer.metadata[SURFACE]) if now is not None else None
            same = made_of is not None and now is not None and one is not None and same_voxels(made_of, now, (name,))
            known = f"surface of {one.name}" if one is not None and made_of is not None else ""
            title = (known or layer.name.removesuffix(OUTDATED)) + ("" if same else OUTDATED)
            if layer.name != title:
                layer.name = title
            colours = one_colour(one.colour) if known and one is not None else None
            if colours is not None and colours.name != layer.colormap.name:
                layer.colormap = colours

    def _layers(self) -> Iterator[Surface]:
        project = self._model.project
        for layer in list(self._viewer.layers):
            if SURFACE in layer.metadata and project is not None and project_of(layer) == project.path:
                yield layer


def _key(layer: Surface) -> tuple[int, int]:
    return int(layer.metadata[SPECIMEN]), int(layer.metadata[SURFACE])
