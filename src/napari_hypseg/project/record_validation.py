"""Validation of the values in a project's records, in one place and before they are used."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from napari_hypseg.storage.json_text import validated
from napari_hypseg.volumes.units import PIXEL, is_length
from napari_hypseg.volumes.volume import Direction

MAX_EDGE = 2**31
"""Voxels of the longest edge of a grid."""
SINGULAR = 1e-6
"""Volume that the directions of three axes span, of at most 1, below which they lie in a plane."""


class HistoryPoint(BaseModel):
    """Where training stood at some moment."""

    model_config = ConfigDict(extra="allow")

    position: float = 0.0
    loss: float | None = None


class TrainingRecord(BaseModel):
    """What ``training.json`` has to hold as far as it is shown; what else is in it is kept as it is."""

    model_config = ConfigDict(extra="allow")

    step: int = Field(0, ge=0)
    seconds: float = Field(0.0, ge=0, allow_inf_nan=False)
    device: str = "an unknown device"
    history: list[HistoryPoint] = Field(default_factory=list)


def checked_training(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record of training, as it is.

    Raises
    ------
    ValueError
        Naming the first value that does not fit.
    """
    given = validated(TrainingRecord, record)
    missing = {name: getattr(given, name) for name in ("step", "seconds", "device") if name not in record}
    return {**record, **missing} if record else {}


def check_grid(shape: Iterable[int]) -> None:
    """Refuse edges that no grid has.

    Raises
    ------
    ValueError
        If one is not positive, or beyond what is ever counted.
    """
    if not all(0 < edge <= MAX_EDGE for edge in shape):
        raise ValueError("shape: no volume has such a grid")


def check_binning(binning: Iterable[int]) -> None:
    """Refuse numbers of voxels that cannot have become one.

    Raises
    ------
    ValueError
        If one is not positive, or beyond what is ever counted.
    """
    if not all(0 < factor <= MAX_EDGE for factor in binning):
        raise ValueError("binning: no voxel is made of so many")


def check_place(voxel_size: Iterable[float], origin: Iterable[float], unit: str) -> None:
    """Refuse voxel sizes, origins and units that cannot be.

    Raises
    ------
    ValueError
        If an edge is not positive, a number not finite, or the unit no length.
    """
    if not (is_length(unit) or unit == PIXEL):
        raise ValueError("unit: it is no length")
    if not all(math.isfinite(edge) and edge > 0 for edge in voxel_size):
        raise ValueError("voxel_size: no voxel has such edges")
    if not all(map(math.isfinite, origin)):
        raise ValueError("origin: it is nowhere")


def check_direction(direction: Direction | None) -> None:
    """Refuse directions of axes that span nothing.

    Raises
    ------
    ValueError
        If a number is not finite or the axes lie in one plane.
    """
    if direction is not None and not (np.isfinite(direction).all() and abs(np.linalg.det(direction)) > SINGULAR):
        raise ValueError("direction: its axes span no volume")
