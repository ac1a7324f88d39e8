"""Masks for averaging: 1 inside, 0 outside, and a soft edge between, which adds no sharp features of its own."""

from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from napari_hypseg.config_base import ADVANCED, Config
from napari_hypseg.errors import SettingError
from napari_hypseg.particles.box_settings import BoxSettings
from napari_hypseg.particles.tomogram_grid import TomogramGrid
from napari_hypseg.volumes import Volume


class MaskSettings(Config):
    """Shape and size of a mask."""

    mask_shape: Literal["sphere", "cylinder"] = Field(
        "sphere",
        title="Shape",
        description="A ball, or a cylinder along the particle's axis (z).",
        json_schema_extra=ADVANCED,
    )
    mask_radius: float | None = Field(
        None,
        gt=0,
        le=1024,
        title="Radius",
        description="Of the ball or cylinder, to the middle of its edge; by default as large as the box allows.",
        json_schema_extra={"unit": "voxels of the box"},
    )
    mask_height: float | None = Field(
        None,
        gt=0,
        le=2048,
        title="Height",
        description="Of the cylinder; by default as large as the box allows.",
        json_schema_extra={"unit": "voxels of the box", **ADVANCED},
    )
    mask_edge: float = Field(
        4.0,
        ge=0,
        le=100,
        title="Soft edge",
        description="Width over which the mask goes from 1 to 0 as half a wave of a cosine.",
        json_schema_extra={"unit": "voxels of the box"},
    )


def soft_mask(edge: int, settings: MaskSettings) -> npt.NDArray[np.float32]:
    """A mask (b, b, b), float32 in [0, 1], about the voxel ``b // 2``.

    Parameters
    ----------
    edge
        b, the edge of the box.
    settings
        Shape and size.

    Raises
    ------
    SettingError
        If the mask with its edge does not fit into the box.
    """
    room = (edge - 1) // 2
    largest = room - settings.mask_edge / 2
    radius = largest if settings.mask_radius is None else settings.mask_radius
    half = largest if settings.mask_height is None else settings.mask_height / 2
    if min(largest, radius) <= 0 or max(radius, half if settings.mask_shape == "cylinder" else 0) > largest + 1e-9:
        raise SettingError(
            f"A mask of radius {max(radius, 0):g} with an edge of {settings.mask_edge:g} does not fit into a box of "
            f"{edge} voxels; choose a radius up to {max(largest, 0):g}, a narrower edge, or a larger box."
        )
    places = np.arange(edge) - edge // 2
    z, y, x = np.meshgrid(places, places, places, indexing="ij", sparse=True)
    if settings.mask_shape == "sphere":
        return _soft(np.sqrt(z**2 + y**2 + x**2) - radius, settings.mask_edge)
    side = _soft(np.sqrt(y**2 + x**2) - radius, settings.mask_edge)
    return np.asarray(side * _soft(np.abs(z).astype(np.float64) - half, settings.mask_edge), dtype=np.float32)


def mask_volume(grid: TomogramGrid, boxes: BoxSettings, settings: MaskSettings) -> Volume:
    """The mask for boxes of a tomogram, at their voxel size.

    Raises
    ------
    SettingError
        If it does not fit into the box.
    """
    z, y, x = (edge * boxes.box_binning for edge in grid.voxel_size)
    return Volume((soft_mask(boxes.box_size, settings),), (z, y, x), grid.unit, name="mask")


def _soft(beyond: npt.NDArray[np.float64], width: float) -> npt.NDArray[np.float32]:
    """From 1 to 0 while the distance `beyond` an edge goes from minus to plus half the width."""
    if width == 0:
        return (beyond <= 0).astype(np.float32)
    share = np.clip(beyond / width + 0.5, 0, 1)
    return np.asarray((1 + np.cos(np.pi * share)) / 2, dtype=np.float32)
