"""Plain values from a file checked against the records they are to become, in one place and before anybody uses one."""

import math
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from napari_hypseg.volumes.volume import Direction

R = TypeVar("R")

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


def checked(kind: type[R], record: Any) -> R:
    """`record` as a `kind`: a dataclass or model of typed fields; lists become tuples where those are wanted.

    Raises
    ------
    ValueError
        Naming the first value that does not fit.
    """
    try:
        return TypeAdapter(kind).validate_python(record)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{place}: {first['msg']}" if place else first["msg"]) from error


def checked_training(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record of training, as it is.

    Raises
    ------
    ValueError
        Naming the first value that does not fit.
    """
    given = checked(TrainingRecord, record)
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


def check_place(voxel_size: Iterable[float], origin: Iterable[float]) -> None:
    """Refuse voxel sizes and origins that cannot be.

    Raises
    ------
    ValueError
        If an edge is not positive, or a number not finite.
    """
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
