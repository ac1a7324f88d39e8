"""Surfaces of structures as layers: shaded, in the colour of the structure, in their place."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from napari.layers import Surface
from napari.utils import Colormap

from napari_hypseg._napari.layer_transform import placement_keywords
from napari_hypseg._napari.metadata_keys import PROJECT, SPECIMEN, SURFACE
from napari_hypseg.structures.surface_mesh import SurfaceMesh

if TYPE_CHECKING:
    from napari_hypseg.project.project import Project

OUTDATED = " (out of date)"


def surface_layer(project: "Project", specimen: int, structure: int, mesh: SurfaceMesh) -> Surface:
    """The surface of a structure; coordinates are voxels, scaled as the volume is, so that sliders keep their steps."""
    record = project.specimen_record(specimen)
    return Surface(
        surface_data(project, specimen, mesh),
        name=f"surface of {mesh.name}",
        shading="smooth",
        colormap=one_colour(mesh.colour or (1.0, 1.0, 1.0, 1.0)),
        contrast_limits=(0, 1),
        metadata={PROJECT: str(project.path), SPECIMEN: specimen, SURFACE: structure},
        **placement_keywords(record.voxel_size, record.unit, record.origin),
    )


def surface_data(project: "Project", specimen: int, mesh: SurfaceMesh) -> tuple[npt.NDArray[Any], ...]:
    """Vertices (n, 3) in voxels (z, y, x), and faces (m, 3)."""
    record = project.specimen_record(specimen)
    vertices = (mesh.vertices.astype(np.float64) - np.asarray(record.origin)) / record.voxel_size
    return vertices.astype(np.float32), mesh.faces


def one_colour(colour: tuple[float, ...]) -> Colormap:
    """A colour for all values."""
    rgba = (*colour, 1.0)[:4]
    return Colormap([rgba, rgba], name=f"structure {' '.join(f'{part:.3f}' for part in rgba)}")
