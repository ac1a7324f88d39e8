"""The labels of RELION's STAR files that particles use, and getting at them in whatever a file holds."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError

Floats = npt.NDArray[np.float64]
TOMO_NAMES = ("rlnTomoName", "rlnMicrographName")
PIXELS = ("rlnCoordinateZ", "rlnCoordinateY", "rlnCoordinateX")
CENTRED = ("rlnCenteredCoordinateZAngst", "rlnCenteredCoordinateYAngst", "rlnCenteredCoordinateXAngst")
SHIFTS = ("rlnOriginXAngst", "rlnOriginYAngst", "rlnOriginZAngst")
ANGLES = ("rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi")
SUBTOMOGRAM_ANGLES = ("rlnTomoSubtomogramRot", "rlnTomoSubtomogramTilt", "rlnTomoSubtomogramPsi")
PIXEL_SIZES = (
    "rlnTomoTiltSeriesPixelSize",
    "rlnMicrographOriginalPixelSize",
    "rlnMicrographPixelSize",
    "rlnPixelSize",
    "rlnDetectorPixelSize",
)
SCALARS: Mapping[str, tuple[str, ...]] = {
    "score": ("rlnAutopickFigureOfMerit", "rlnLCCmax", "ptmLCCmax", "rlnMaxValueProbDistribution"),
    "class": ("rlnClassNumber",),
    "parent": ("rlnTomoManifoldIndex", "rlnObjectNumber"),
}
"""Labels of what `ParticleSet.scalars` knows; the first one is written."""
Columns = Mapping[str, npt.NDArray[Any]]


def read_columns(path: Path) -> tuple[Columns, Columns]:
    """Columns of the particles, and of their optics groups (none if there are none).

    Raises
    ------
    InputError
        If no block has coordinates, naming what is missing.
    """
    import starfile

    blocks = {
        name: _columns(block)
        for name, block in starfile.read(path, always_dict=True, parse_as_string=list(TOMO_NAMES)).items()
    }
    found = [columns for columns in blocks.values() if _has(columns, PIXELS) or _has(columns, CENTRED)]
    if not found:
        there = {label for columns in blocks.values() for label in columns}
        missing = [label for label in PIXELS if label not in there]
        raise InputError(
            f"{path} has no coordinates of particles ({', '.join(missing)} or their centred ones of RELION 5 are "
            "missing); choose the STAR file of the particles."
        )
    return found[0], blocks.get("optics", {})


def numbers(columns: Columns, labels: Sequence[str], path: Path) -> Floats:
    """Values (n, m) of some columns.

    Raises
    ------
    InputError
        If one is no number.
    """
    try:
        return np.stack([np.asarray(columns[label], dtype=np.float64) for label in labels], axis=1)
    except ValueError as error:
        raise InputError(f"{path} has text where numbers belong ({', '.join(labels)}); write it again.") from error


def first_of(columns: Columns, labels: Sequence[str]) -> str | None:
    """The first of `labels` that there is."""
    return next((label for label in labels if label in columns), None)


def _has(columns: Columns, labels: Sequence[str]) -> bool:
    return all(label in columns for label in labels)


def _columns(block: Any) -> Columns:
    """A block as columns, whether it is a loop or a list of single values."""
    if isinstance(block, dict):
        return {label: np.atleast_1d(np.asarray(value)) for label, value in block.items()}
    return {str(label): block[label].to_numpy() for label in block.columns}
