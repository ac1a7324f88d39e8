"""Validation of voxel sizes: implausible ones, which are common in headers, are replaced, with a note."""

import math
import re
from pathlib import Path

from napari_hypseg.errors import SettingError
from napari_hypseg.volumes import Vector3, VoxelSizeNote
from napari_hypseg.volumes.units import PIXEL, SYMBOLS, is_length, parse_unit

MAX_ANISOTROPY = 1000.0
ONE_PIXEL: Vector3 = (1.0, 1.0, 1.0)


def validate_voxel_size(
    path: Path, size: Vector3, unit: str, bounds: tuple[float, float] = (0.0, math.inf)
) -> tuple[Vector3, str, tuple[str, ...]]:
    """Voxel size (z, y, x) and unit to go by, and what the person should read about them.

    Parameters
    ----------
    path
        File whose header says so.
    size
        Edge lengths (z, y, x) of a voxel in `unit` as the header has them.
    unit
        Unit of `size`.
    bounds
        Smallest and largest length in `unit` that is believed.
    """
    if not is_plausible(size, bounds):
        note = (
            f"The header of {path.name} says a voxel measures {_text(size, unit)} (z, y, x), which cannot be; "
            "1 pixel is used instead until you correct it."
        )
        return ONE_PIXEL, PIXEL, (VoxelSizeNote(note),)
    if not is_length(unit):
        note = f"{path.name} does not say how large a voxel is; sizes are in pixels until you correct it."
        return size, PIXEL, (VoxelSizeNote(note),)
    return size, unit, ()


def parse_voxel_size(text: str) -> tuple[Vector3, str]:
    """Edge lengths (z, y, x) and their unit, as a person writes them: ``50,4.6,4.6nm``, or ``4nm`` for cubes.

    Raises
    ------
    SettingError
        If `text` is something else, has no unit that is known, or no voxel is like that.
    """
    match = re.fullmatch(r"(.*[\d.])\s*([^\d\s.,+-]+)", text.strip())
    unit = parse_unit(match[2]) if match else None
    try:
        edges = [float(edge) for edge in match[1].split(",")] if match else []
    except ValueError:
        edges = []
    if unit is None or len(edges) not in (1, 3):
        raise SettingError(
            f"{text!r} is not a voxel size; write edges along z, y, x and their unit, such as "
            "50,4.6,4.6nm, or one edge for cubes, such as 10Å."
        )
    z, y, x = edges if len(edges) == 3 else edges * 3
    if not is_plausible((z, y, x)):
        raise SettingError(f"A voxel size of {text!r} cannot be: every edge is above 0 and none dwarfs another.")
    return (z, y, x), unit


def round_to_single_precision(length: float) -> float:
    """Length from a single-precision header: digits beyond the seventh are rounding noise."""
    return float(f"{length:.7g}")


def is_plausible(size: Vector3, bounds: tuple[float, float] = (0.0, math.inf)) -> bool:
    """Whether every edge is finite, above 0 and within `bounds`, and no edge dwarfs another."""
    if not all(math.isfinite(edge) and edge > 0 for edge in size):
        return False
    low, high = bounds
    return min(size) >= low and max(size) <= high and max(size) / min(size) <= MAX_ANISOTROPY


def _text(size: Vector3, unit: str) -> str:
    return " × ".join(f"{edge:g}" for edge in size) + f" {SYMBOLS.get(unit, unit)}"
