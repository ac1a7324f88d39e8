"""Whether two volumes lie on one grid: the one comparison behind channels, masks, box files, truths and layers.

Shape, voxel size, origin and direction are compared as far as both files state them. What differs by the order and the
sense of the axes alone is reoriented, exactly and lazily; what differs otherwise is refused with a sentence that says
how. What a file leaves open is taken to be as in the other one, and a note says so.

Tolerances are in voxels of the target, at the voxel where they are largest: headers are in single precision, and their
rounding is far below `POSITION_TOLERANCE`. A voxel size within `SIZE_TOLERANCE` and an origin within `HALF_VOXEL` (some
programs count from the corner of a voxel) can mean no other voxels; they are accepted with a note.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError
from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.orientation import find_orientation, reorient
from napari_hypseg.volumes.units import SYMBOLS, convert, is_length
from napari_hypseg.volumes.volume import Vector3, Volume

POSITION_TOLERANCE = 0.1
"""Voxels by which positions that are equal may differ, anywhere in the grid."""
SIZE_TOLERANCE = 0.01
"""Relative difference of two voxel sizes, one of which was rounded."""
HALF_VOXEL = 0.5 + 1e-3
"""Voxels between the centre of a voxel and its corner."""
EM_DEFAULT_SIZE = ((1.0, 1.0, 1.0), "angstrom")
"""What EM programs write that do not know the voxel size."""

Floats = npt.NDArray[np.float64]


def align_to(volume: Volume, target: Volume) -> Volume:
    """`volume` with its voxels in the order of `target`, whose grid it shares, and notes of what was assumed.

    Raises
    ------
    InputError
        If it lies on another grid, naming what differs.
    """
    turned = orient_to(volume, target)
    if turned.shape != target.shape:
        raise InputError(
            f"{volume.name} has {_grid(turned)} voxels (z, y, x) but {target.name} has {_grid(target)}; "
            "what belongs to one specimen must share a grid: resample one of them."
        )
    notes = [*_direction_notes(volume, turned, target), *_size_notes(turned, target), *_origin_notes(turned, target)]
    return replace(turned, notes=tuple(dict.fromkeys((*turned.notes, *notes))))


def align_to_corrected(volume: Volume, as_read: Callable[[], Volume], corrected: Volume) -> Volume:
    """`volume` on the grid of a target whose voxel size was corrected; it may agree with the size before or after.

    Parameters
    ----------
    as_read
        Gives the target as its own file has it; asked for only where it is needed.
    corrected
        The target as it is used.

    Raises
    ------
    InputError
        If it lies on another grid.
    """
    try:
        return align_to(volume, corrected)
    except InputError:
        before = as_read()
        if (before.voxel_size, before.unit) == (corrected.voxel_size, corrected.unit):
            raise
    placed = align_to(volume, before)
    return replace(placed, voxel_size=corrected.voxel_size, unit=corrected.unit, origin=corrected.origin)


def orient_to(volume: Volume, target: Volume) -> Volume:
    """`volume` with its axes in the order and sense of those of `target`, as far as both directions are known.

    Raises
    ------
    InputError
        If they are turned against each other.
    """
    if volume.direction is None or target.direction is None:
        return volume
    orientation = find_orientation(volume.direction, target.direction)
    turned = None if orientation is None else reorient(volume, orientation)
    if turned is None or _turned_by(turned, target) > POSITION_TOLERANCE:
        raise InputError(
            f"The axes of {volume.name} are turned against those of {target.name} in a way that no exchange or "
            f"reversal undoes; resample {volume.name} onto that grid."
        )
    return turned


def align_box(box: Box, made_for: Volume, target: Volume) -> Box:
    """A box in the voxels of one volume as a box in those of another that lies on the same grid.

    Raises
    ------
    InputError
        If the two lie on different grids.
    """
    align_to(made_for, target)
    if made_for.direction is None or target.direction is None:
        return box
    orientation = find_orientation(made_for.direction, target.direction)
    return box if orientation is None else orientation.box(box, made_for.shape)


def join_channels(volumes: Sequence[Volume]) -> Volume:
    """The first of `volumes` with the channels of the others behind its own.

    Raises
    ------
    InputError
        If they lie on different grids.
    """
    first, *others = volumes
    every = (first, *(align_to(other, first) for other in others))
    return replace(
        first,
        channels=tuple(channel for volume in every for channel in volume.channels),
        sources=tuple(source for volume in every for source in volume.sources),
        originals=tuple(dict.fromkeys(original for volume in every for original in volume.originals)),
        notes=tuple(note for volume in every for note in volume.notes),
    )


def _turned_by(volume: Volume, target: Volume) -> float:
    """Voxels by which the direction alone moves the farthest voxel."""
    off = _relative(volume, target) - np.eye(3)
    lengths = np.multiply(target.shape, target.voxel_size)
    return float(np.max(np.abs(off) * lengths / np.reshape(target.voxel_size, (3, 1))))


def _relative(volume: Volume, target: Volume) -> Floats:
    """The axes of `volume` in terms of those of `target`, as columns."""
    if volume.direction is None or target.direction is None:
        return np.eye(3)
    relative: Floats = np.linalg.solve(np.asarray(target.direction), np.asarray(volume.direction))
    return relative


def _direction_notes(volume: Volume, turned: Volume, target: Volume) -> Iterator[str]:
    if turned is not volume:
        yield (
            f"The axes of {volume.name} run in another order or sense than those of {target.name}; "
            "they were exchanged or reversed to match, exactly."
        )
    if (volume.direction is None) != (target.direction is None):
        silent, other = (volume, target) if volume.direction is None else (target, volume)
        yield (
            f"{silent.name} does not say which way its axes lie; its voxels were taken to lie in the order of "
            f"those of {other.name}."
        )


def _size_notes(volume: Volume, target: Volume) -> Iterator[str]:
    """What was assumed about the voxel size.

    Raises
    ------
    InputError
        If both are stated and differ.
    """
    if not (_states_length(volume) and _states_length(target)):
        return
    ratio = _in_unit_of(target, volume.voxel_size, volume.unit) / np.asarray(target.voxel_size)
    if np.all(np.abs(ratio - 1) * target.shape <= POSITION_TOLERANCE):
        return
    sizes = f"{volume.name} has voxels of {_size(volume)} but {target.name} of {_size(target)} (z, y, x)"
    if np.all(np.abs(ratio - 1) <= SIZE_TOLERANCE):
        yield f"{sizes}; they were taken to be the same voxels."
    elif EM_DEFAULT_SIZE in ((volume.voxel_size, volume.unit), (target.voxel_size, target.unit)):
        yield f"{sizes}; 1 Å is what programs write that do not know, so that it was left out of account."
    else:
        raise InputError(f"{sizes}; resample one of them, or correct the size that is wrong.")


def _origin_notes(volume: Volume, target: Volume) -> Iterator[str]:
    """What was assumed about the origin.

    Raises
    ------
    InputError
        If both are stated and differ.
    """
    if (volume.direction is None) != (target.direction is None) or not _same_kind_of_unit(volume, target):
        return
    moved = _relative(volume, target) @ _in_unit_of(target, volume.origin, volume.unit) - np.asarray(target.origin)
    steps = moved / np.asarray(target.voxel_size)
    if np.all(np.abs(steps) <= POSITION_TOLERANCE):
        return
    begins = f"{volume.name} begins {', '.join(f'{step:.4g}' for step in steps)} voxels (z, y, x) from {target.name}"
    if np.all(np.abs(steps) <= HALF_VOXEL):
        yield f"{begins}; they were taken to be the same voxels, counted from centre and corner."
    elif volume.direction is None and not (any(volume.origin) and any(target.origin)):
        silent, other = (target, volume) if any(volume.origin) else (volume, target)
        yield f"{silent.name} gives no origin; it was taken to begin where {other.name} does."
    else:
        raise InputError(
            f"{begins}, so that they show different places; crop both alike, or save {volume.name} with the origin of "
            "the other if its voxels do match."
        )


def _states_length(volume: Volume) -> bool:
    return is_length(volume.unit)


def _same_kind_of_unit(volume: Volume, target: Volume) -> bool:
    return volume.unit == target.unit or (is_length(volume.unit) and is_length(target.unit))


def _in_unit_of(target: Volume, lengths: Vector3, unit: str) -> Floats:
    return np.array([convert(length, unit, target.unit) for length in lengths])


def _grid(volume: Volume) -> str:
    return "×".join(map(str, volume.shape))


def _size(volume: Volume) -> str:
    return " × ".join(f"{edge:.5g}" for edge in volume.voxel_size) + f" {SYMBOLS.get(volume.unit, volume.unit)}"
