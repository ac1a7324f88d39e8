"""What was measured in the viewer: layers of pieces and centroids, flying to a row and making it stand out."""

import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Labels, Layer, Points

from napari_hypseg._napari.layer_project import project_of
from napari_hypseg._napari.measured_layers import centroid_layer, pieces_layer
from napari_hypseg._napari.metadata_keys import MEASURED, SPECIMEN
from napari_hypseg._napari.napari_internals import add_unselected
from napari_hypseg.storage.scratch import Scratch
from napari_hypseg.structures.measurement_table import MeasurementTable

if TYPE_CHECKING:
    from napari_hypseg.project.project import Project

PREVIEW = " (preview)"
IN_MEMORY = 1 << 28
"""Bytes of ids that are held in memory; more stay on disk."""


class MeasuredView:
    """Finds, adds and changes the layers that show what was measured."""

    def __init__(self, viewer: ViewerModel) -> None:
        self._viewer = viewer

    def pieces(self, project: "Project", specimen: int, structure: str) -> Labels | None:
        """The layer of the pieces of a structure, None if there is none."""
        return next((la for la in self._layers(Labels, project, specimen) if la.metadata[MEASURED] == structure), None)

    def is_previewed(self, layer: Layer) -> bool:
        """Whether a layer shows pieces that were not measured."""
        return str(layer.name).endswith(PREVIEW)

    def show_pieces(self, project: "Project", specimen: int, structure: str, ids: Any, file: Scratch) -> Labels:
        """Show ids (z, y, x) of pieces, as `read_ids` gives them, in place of earlier ones of the same structure."""
        layer = self.pieces(project, specimen, structure)
        if layer is None:
            layer = pieces_layer(project, specimen, ids, structure)
            add_unselected(self._viewer, layer)
        else:
            layer.show_selected_label = False
            layer.data = ids
            layer.name = layer.name.removesuffix(PREVIEW)
        if isinstance(ids, np.memmap):
            weakref.finalize(ids, file.discard)
        return layer

    def preview_pieces(self, project: "Project", specimen: int, structure: str, ids: Any) -> None:
        """Show ids (z, y, x) of pieces that are not measured, in place of earlier ones of the same structure."""
        layer = self.pieces(project, specimen, structure)
        self.end_preview(keep=layer)
        if layer is None:
            layer = pieces_layer(project, specimen, ids, structure)
            layer.name += PREVIEW
            add_unselected(self._viewer, layer)
        else:
            layer.show_selected_label = False
            layer.data = ids
            layer.name = layer.name.removesuffix(PREVIEW) + PREVIEW

    def end_preview(self, keep: Layer | None = None) -> None:
        """Take away what is shown of pieces that were not measured, but for the layer to `keep`."""
        for layer in list(self._viewer.layers):
            if layer is not keep and MEASURED in layer.metadata and self.is_previewed(layer):
                self._viewer.layers.remove(layer)

    def select(self, layer: Layer) -> None:
        """Make a layer the one that clicks in the picture go to."""
        self._viewer.layers.selection.active = layer

    def show_centroids(self, project: "Project", specimen: int, table: MeasurementTable, name: str) -> None:
        """Show centroids as points, in place of earlier ones of the same name."""
        for layer in list(self._layers(Points, project, specimen)):
            if layer.metadata[MEASURED] == name:
                self._viewer.layers.remove(layer)
        add_unselected(self._viewer, centroid_layer(project, specimen, table, name))

    def fly_to(self, place: tuple[float, float, float]) -> None:
        """Show the slice, and in its middle the point (z, y, x), of the world."""
        if not np.isfinite(place).all():
            return
        dims, camera = self._viewer.dims, self._viewer.scene.camera
        world = [0.0] * (dims.ndim - 3) + list(place)
        for axis in range(dims.ndim)[-3:]:
            dims.set_point(axis, world[axis])
        shown = [world[axis] for axis in dims.displayed]
        z, y, x = [0.0, *shown][-3:]
        camera.center = (z, y, x)

    def show_piece(self, layer: Labels, piece: int | None) -> None:
        """Show one piece alone, or for None all of them."""
        if piece is not None:
            layer.selected_label = piece
        layer.show_selected_label = piece is not None

    def _layers(self, kind: type[Layer], project: "Project", specimen: int) -> list[Any]:
        return [
            layer
            for layer in self._viewer.layers
            if isinstance(layer, kind)
            and MEASURED in layer.metadata
            and project_of(layer) == project.path
            and layer.metadata[SPECIMEN] == specimen
        ]


def read_ids(path: Path) -> Any:
    """Ids of pieces: in memory where they are few, else mapped, so that painting on them changes no file."""
    return np.load(path, mmap_mode="c" if path.stat().st_size > IN_MEMORY else None)
