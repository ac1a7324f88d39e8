"""What was read from a file of particles, before it is known whether it fits the tomogram."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError
from napari_hypseg.particles.formats.file_settings import FileSettings
from napari_hypseg.particles.orientations import EulerConvention

Floats = npt.NDArray[np.float64]
FULL_TURN = 2 * np.pi
FEW = 3
"""Particles below which nobody can tell radians from degrees by looking."""


@dataclass(frozen=True, eq=False)
class Picks:
    """Positions and orientations as a file gives them.

    Parameters
    ----------
    positions
        float64 (n, 3), order zyx, in voxels of the tomogram.
    orientations
        Unit quaternions (n, 4) as in `ParticleSet`, None if there are none.
    scalars
        As in `ParticleSet`.
    notes
        Sentences about what was assumed.
    """

    positions: Floats
    orientations: Floats | None = None
    scalars: Mapping[str, npt.NDArray[np.float64]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def orientations_of(
    angles: Floats, convention: EulerConvention, settings: FileSettings, source: object
) -> Floats | None:
    """Orientations (n, 4) of the angles (n, 3) of a file; None if all are 0, as programs write what they do not know.

    Raises
    ------
    InputError
        If they are no numbers, or look like radians and nobody has said which they are.
    """
    if not np.isfinite(angles).all():
        row = int(np.flatnonzero(~np.isfinite(angles).all(axis=1))[0]) + 1
        raise InputError(f"{source} has no angles in row {row}; complete the row or remove it.")
    if settings.angles == "auto" and _looks_like_radians(angles):
        names = ", ".join(convention.names)
        raise InputError(
            f"The angles of {source} ({names}) look like radians, since none is above 2π; say angles degrees or "
            "angles radians.",
            setting="angles",
        )
    if not angles.any():
        return None
    return convention.quaternions(np.degrees(angles) if settings.angles == "radians" else angles)


def _looks_like_radians(angles: Floats) -> bool:
    """Whether all angles are within a turn in radians, and neither whole numbers nor almost all 0."""
    within = bool((np.abs(angles) <= FULL_TURN).all())
    turned = (np.abs(angles) > 1e-6).any(axis=1)
    fractions = np.abs(angles - np.rint(angles)) > 1e-6
    return within and int(turned.sum()) > FEW and bool(fractions[turned].any(axis=1).mean() > 0.5)


def scale_of(
    said: float | None, settings: FileSettings, voxel: float, source: object, tomogram: str
) -> tuple[float, tuple[str, ...]]:
    """Voxels of the tomogram for one pixel of the file, and what is to be said about it.

    Parameters
    ----------
    said
        Pixel size in Å that the file gives, None if it does not.
    settings
        What the person says goes first.
    voxel
        Edge of a voxel of the tomogram in Å.
    source, tomogram
        What a sentence calls them.
    """
    pixel = settings.pixel_size or said
    if pixel is None or abs(pixel / voxel - 1) < 1e-3:
        return 1.0, ()
    note = (
        f"The pixels of {source} are {pixel:g} Å and the voxels of {tomogram} {voxel:g} Å; positions were scaled by "
        f"{pixel / voxel:.4g}."
    )
    return pixel / voxel, (note,)
