"""What was measured as layers: pieces as labels, centroids as points."""

from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Labels, Points

from napari_hypseg._napari.layer_transform import placement_keywords
from napari_hypseg._napari.metadata_keys import MEASURED, PROJECT, SPECIMEN
from napari_hypseg.structures.measurement_table import MeasurementTable

if TYPE_CHECKING:
    from napari_hypseg.project.project import Project

COLOUR = "#ffd54f"
SMALLEST_POINT = 3.0
"""Diameter of a point in voxels."""


def pieces_layer(project: "Project", specimen: int, pieces: Any, structure: str) -> Labels:
    """Ids (z, y, x) of the pieces of a structure, in their place."""
    record = project.specimen_record(specimen)
    return Labels(
        pieces,
        name=f"pieces of {structure}",
        metadata={PROJECT: str(project.path), SPECIMEN: specimen, MEASURED: structure},
        **placement_keywords(record.voxel_size, record.unit, record.origin),
    )


def centroid_layer(project: "Project", specimen: int, table: MeasurementTable, name: str) -> Points:
    """Centroids in their place, with all that was measured as features; what has no voxels has none.

    Coordinates are voxels, scaled as the volume is, so that the sliders go on moving by slices.
    """
    record = project.specimen_record(specimen)
    table = table.take(table["voxels"] > 0)
    return Points(
        (centroids(table) - np.asarray(record.origin)) / record.voxel_size,
        ndim=3,
        name=name,
        features={column.header: column.values for column in table.columns},
        size=_diameter(table),
        face_color=COLOUR,
        border_color="black",
        border_width=0.08,
        metadata={PROJECT: str(project.path), SPECIMEN: specimen, MEASURED: name},
        **placement_keywords(record.voxel_size, record.unit, record.origin),
    )


def centroids(table: MeasurementTable) -> Any:
    """Positions (n, 3) in the world, in the unit of the volume."""
    return np.stack([table[f"centroid_{axis}"] for axis in "zyx"], axis=1)


def _diameter(table: MeasurementTable) -> float:
    """Of the points, in voxels: half that of the median object, which is seen around it."""
    volume = float(np.median(table["voxels"])) if len(table) else 0.0
    return max(SMALLEST_POINT, float(np.cbrt(6 * volume / np.pi)) / 2)
