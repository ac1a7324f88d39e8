"""What every volume that was opened has to be, whatever its format: checked once, here."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from napari_hypseg.errors import InputError
from napari_hypseg.io import content
from napari_hypseg.io.file_array import FileArray
from napari_hypseg.volumes import Vector3, Volume
from napari_hypseg.volumes.units import PIXEL, is_length

MAX_VOXELS = 2**63 - 1
MAX_STEPS = 1e9
"""Voxels by which a volume may lie away from the world's zero: beyond, neighbours get one position on the screen."""


def validated(volume: Volume, path: Path) -> Volume:
    """`volume` as it may be used; an origin that cannot be true is replaced by 0, and the person is told.

    Raises
    ------
    InputError
        If it has no voxels, too many, more than the file holds, or is placed by other things than lengths.
    """
    if not volume.channels:
        raise InputError(f"{path} holds no voxels; export the volume again.")
    for channel in volume.channels:
        shape = tuple(map(int, channel.shape))
        content.check_dtype(path, channel.stored if isinstance(channel, FileArray) else np.dtype(channel.dtype))
        content.check_shape(path, shape)
        if math.prod(shape) > MAX_VOXELS or shape != volume.shape:
            raise InputError(f"{path} states a grid that no volume has ({shape}); copy or export it again.")
        if isinstance(channel, FileArray):
            content.check_length(path, channel.path.stat().st_size, channel.end)
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
