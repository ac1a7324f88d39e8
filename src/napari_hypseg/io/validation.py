"""Checks that a file holds one volume of real numbers; the sentences are the same for every format."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from napari_hypseg.errors import InputError
from napari_hypseg.io.file_array import FileArray
from napari_hypseg.volumes import Vector3, Volume
from napari_hypseg.volumes.units import PIXEL, is_length

MAX_VOXELS = 2**63 - 1
MAX_STEPS = 1e9
"""Voxels by which a volume may lie away from the world's zero: beyond, neighbours get one position on the screen."""


def validate_volume(volume: Volume, path: Path) -> Volume:
    """`volume` as it may be used; an implausible origin is replaced by 0, with a note.

    Raises
    ------
    InputError
        If it has no voxels, too many, more than the file holds, or is placed by other things than lengths.
    """
    if not volume.channels:
        raise InputError(f"{path} holds no voxels; export the volume again.")
    for channel in volume.channels:
        shape = tuple(map(int, channel.shape))
        check_dtype(path, channel.stored if isinstance(channel, FileArray) else np.dtype(channel.dtype))
        check_shape(path, shape)
        if math.prod(shape) > MAX_VOXELS or shape != volume.shape:
            raise InputError(f"{path} states a grid that no volume has ({shape}); copy or export it again.")
        if isinstance(channel, FileArray):
            check_length(path, channel.path.stat().st_size, channel.end)
    if not all(math.isfinite(edge) and edge > 0 for edge in volume.voxel_size):
        raise InputError(f"{path} states a voxel size that cannot be ({volume.voxel_size}); export it again.")
    if not (is_length(volume.unit) or volume.unit == PIXEL):
        raise InputError(f"{path} states its voxel size in {volume.unit!r}, which is no length; export it again.")
    return volume if _is_near(volume.origin, volume.voxel_size) else _at_zero(volume, path)


def _is_near(origin: Vector3, voxel_size: Vector3) -> bool:
    return all(abs(start) <= MAX_STEPS * edge for start, edge in zip(origin, voxel_size, strict=True))


def _at_zero(volume: Volume, path: Path) -> Volume:
    listed = ", ".join(f"{start:g}" for start in volume.origin)
    note = f"The header of {path.name} places the volume at {listed} (z, y, x), which cannot be; 0 is used instead."
    return replace(volume, origin=(0.0, 0.0, 0.0), notes=(*volume.notes, note))


def check_dtype(path: Path, dtype: np.dtype[Any]) -> None:
    """Refuse numbers that are not real.

    Raises
    ------
    InputError
        If `dtype` is complex, a colour record, or anything but bool, integer or float.
    """
    if dtype.kind == "c":
        raise InputError(
            f"{path} holds complex numbers (a Fourier transform, perhaps); save its real part or magnitude instead."
        )
    if dtype.names is not None:
        raise rgb_error(path)
    if dtype.kind not in "biuf":
        raise InputError(f"{path} holds {dtype.name} values; save it as integers or floating-point numbers.")


def check_shape(path: Path, shape: tuple[int, ...]) -> None:
    """Refuse grids that do not have three axes of at least two voxels.

    Raises
    ------
    InputError
        If `shape` is empty, 2-D or has more than three axes.
    """
    if not shape or min(shape) < 1:
        raise InputError(f"{path} holds no voxels (its shape is {shape}); export the volume again.")
    if len(shape) > 3:
        raise stack_error(path, shape)
    if len(shape) < 3 or 1 in shape:
        raise two_dimensional_error(path, shape)


def check_length(path: Path, found: int, needed: int) -> None:
    """Refuse a file of `found` bytes whose header promises `needed`.

    Raises
    ------
    InputError
        If the file is too short.
    """
    if found < needed:
        raise InputError(
            f"{path} is cut short: its header promises {needed} bytes but there are {found}; copy or download it again."
        )


def two_dimensional_error(path: Path, shape: tuple[int, ...]) -> InputError:
    """The sentence for a 2-D image."""
    grid = " × ".join(map(str, shape))
    return InputError(f"{path} is a 2-D image ({grid}); open a volume with three axes, or stack its sections first.")


def stack_error(path: Path, shape: tuple[int, ...]) -> InputError:
    """The sentence for a stack of volumes or a time series."""
    grid = " × ".join(map(str, shape))
    return InputError(
        f"{path} is a {len(shape)}-D stack ({grid}), not one volume; save each volume or channel as a file of its own."
    )


def rgb_error(path: Path) -> InputError:
    """The sentence for a colour image."""
    return InputError(
        f"{path} is an RGB colour image; save it as grey values, or each colour as a channel in a file of its own."
    )
