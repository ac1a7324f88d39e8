"""Particles as layers: points, and vectors along their axes."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from napari.layers import Points, Vectors

from napari_hypseg._napari.layer_transform import placement_keywords
from napari_hypseg._napari.metadata_keys import PARTICLES, PROJECT, SPECIMEN
from napari_hypseg.particles.particle_set import ParticleSet

SMALLEST_POINT, LARGEST_POINT = 2.0, 60.0
"""Diameters of points in voxels."""
SIZES = (("diameter", 1.0), ("nearest", 0.5))
"""Scalars that say how large a point is, and which share of them it has."""
FILL = 0.25
"""Opacity of a point inside its rim, so that the particle is seen through it."""
AXIS_SHARE = 1.2
"""Length of an axis, in diameters of a point."""
COLOUR = (1.0, 0.92, 0.23)
"""Yellow: points in the colour of the structure that they lie on would not be seen."""


class ParticlePoints(Points):  # type: ignore[misc]
    """Points that follow the settings and not the hand."""

    @property
    def _type_string(self) -> str:
        return "points"  # napari's own word, by which it saves them

    def _on_editable_changed(self) -> None:
        """Stay locked: napari makes points editable whenever it leaves 3D."""
        self._editable = False


def points_layer(project: Path | None, specimen: int, particles: ParticleSet) -> ParticlePoints:
    """Particles in their place, with all that is known of them as features.

    Coordinates are voxels, scaled as the volume is, so that the sliders go on moving by slices.
    """
    layer = ParticlePoints(
        particles.positions,
        ndim=3,
        name=points_name(particles),
        features=point_features(particles),
        size=point_size(particles),
        face_color=[*COLOUR, FILL],
        border_color=[*COLOUR, 1.0],
        border_width=0.1,
        projection_mode="rescale_spherical",
        **_placed(project, specimen, particles),
    )
    layer.editable = False
    return layer


def axes_layer(project: Path | None, specimen: int, particles: ParticleSet) -> Vectors:
    """The axes of oriented particles, of points on a surface the normals."""
    return Vectors(
        axis_vectors(particles),
        ndim=3,
        name=axes_name(particles),
        edge_color=[*COLOUR, 1.0],
        edge_width=axis_width(particles),
        vector_style="arrow",
        projection_mode="fade",
        **_placed(project, specimen, particles),
    )


def move_points(layer: Points, particles: ParticleSet) -> None:
    """Show other particles in a layer of `points_layer`; how a person wants them to look stays."""
    layer.data = particles.positions
    layer.features = point_features(particles)
    layer.size = point_size(particles)


def move_axes(layer: Vectors, particles: ParticleSet) -> None:
    """Show the axes of other particles in a layer of `axes_layer`."""
    layer.data = axis_vectors(particles)
    layer.edge_width = axis_width(particles)


def points_name(particles: ParticleSet) -> str:
    """What the layer of points is called."""
    return f"particles of {particles.name}"


def axes_name(particles: ParticleSet) -> str:
    """What the layer of axes is called."""
    return f"axes of {particles.name}"


def point_features(particles: ParticleSet) -> dict[str, Any]:
    """A column for each scalar, and the number of each particle."""
    return {"id": np.arange(1, len(particles) + 1), **particles.scalars}


def point_size(particles: ParticleSet) -> float:
    """Diameter of the points in voxels: that of the median particle, or half the space between them."""
    known = [(name, share) for name, share in SIZES if name in particles.scalars]
    for name, share in known:
        lengths = particles.scalars[name][np.isfinite(particles.scalars[name])]
        if len(lengths):
            size = share * float(np.median(lengths)) / min(particles.grid.voxel_size)
            return float(np.clip(size, SMALLEST_POINT, LARGEST_POINT))
    return SMALLEST_POINT


def axis_width(particles: ParticleSet) -> float:
    """Width of an axis in voxels."""
    return max(0.3, point_size(particles) / 6)


def axis_vectors(particles: ParticleSet) -> npt.NDArray[np.float64]:
    """Start and direction (n, 2, 3) in voxels of the axis of each particle."""
    length = AXIS_SHARE * point_size(particles) * min(particles.grid.voxel_size)
    return np.stack([particles.positions, length * particles.axes / np.array(particles.grid.voxel_size)], axis=1)


def _placed(project: Path | None, specimen: int, particles: ParticleSet) -> dict[str, Any]:
    """Place and metadata of a layer, which names its project unless there is none."""
    grid = particles.grid
    metadata = {SPECIMEN: specimen, PARTICLES: particles.name} | ({} if project is None else {PROJECT: str(project)})
    return {"metadata": metadata, **placement_keywords(grid.voxel_size, grid.unit, grid.origin)}
