"""Particles in the viewer: one layer of points for each structure, and one of their axes where they have any."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from napari.components import ViewerModel
from napari.layers import Image, Vectors

from napari_hypseg._napari.layer_project import project_of
from napari_hypseg._napari.metadata_keys import PARTICLES, SPECIMEN
from napari_hypseg._napari.napari_internals import add_unselected
from napari_hypseg._napari.particle_layers import (
    ParticlePoints,
    axes_layer,
    move_axes,
    move_points,
    point_size,
    points_layer,
)
from napari_hypseg.particles.particle_set import ParticleSet


class ParticleView:
    """Finds, adds and replaces the layers of particles."""

    def __init__(self, viewer: ViewerModel) -> None:
        self._viewer = viewer
        self._thickened = False
        viewer.layers.events.inserted.connect(self._keep_thin)

    def show(self, project: Path | None, specimen: int, particles: ParticleSet) -> None:
        """Show particles in place of earlier ones of the same structure or file; `project` is None without one.

        Their layers stay and are given other data: whenever a layer goes, napari searches all there is for garbage.
        """
        shown = {type(layer): layer for layer in self._shown(project, specimen, particles.name)}
        self._thicken(point_size(particles) / 2 * min(particles.grid.voxel_size))
        axes, points = shown.get(Vectors), shown.get(ParticlePoints)
        if particles.orientations is not None:
            if axes is not None:
                move_axes(axes, particles)
            else:
                add_unselected(self._viewer, axes_layer(project, specimen, particles))
        elif axes is not None:
            self._viewer.layers.remove(axes)
        if points is not None:
            move_points(points, particles)
        else:
            add_unselected(self._viewer, points_layer(project, specimen, particles))

    def _thicken(self, reach: float) -> None:
        """Let the slice in view be as thick as a particle, unless somebody has made it so, but not for images."""
        dims = self._viewer.dims
        if not any(dims.margin_left) and not any(dims.margin_right):
            margin = (0.0,) * (dims.ndim - 3) + (reach,) * min(3, dims.ndim)
            self._thickened = True
            self._keep_thin()
            dims.margin_left = dims.margin_right = margin

    def _keep_thin(self, event: Any = None) -> None:
        """Show one plane of each image, as before: napari would show the mean of all within the thick slice."""
        for layer in self._viewer.layers if self._thickened else ():
            if isinstance(layer, Image):
                layer.projection_mode = "none"

    def _shown(self, project: Path | None, specimen: int, name: str) -> Sequence[Any]:
        """What is shown of a structure or file."""
        return [
            layer
            for layer in self._viewer.layers
            if isinstance(layer, ParticlePoints | Vectors)
            and layer.metadata.get(PARTICLES) == name
            and project_of(layer) == project
            and layer.metadata[SPECIMEN] == specimen
        ]
