"""What the numbers of a TIFF mean: ImageJ's calibration, and images in which white is stored as 0."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

WHITE_IS_ZERO = 0
STRAIGHT_LINE = 0
"""ImageJ's number of the calibration ``c0 + c1 * stored``, by which it stores signed 16-bit integers."""
UNCALIBRATED = 20
"""ImageJ's number of no calibration at all."""


@dataclass(frozen=True)
class Calibration:
    """The values are ``slope * stored + intercept``; `notes` say what of the file is not followed."""

    slope: float = 1.0
    intercept: float = 0.0
    notes: tuple[str, ...] = ()


def read_calibration(name: str, file: Any, page: Any, dtype: np.dtype[Any]) -> Calibration:
    """How the numbers of an open TIFF become grey values or labels.

    ImageJ keeps its own images as they are stored and only draws them inverted, so that the foreground of its masks
    is what is not 0; anywhere else, white that is stored as 0 is the foreground.

    Parameters
    ----------
    name
        File to name in notes.
    file, page
        Open ``tifffile.TiffFile`` and the first page of the volume.
    dtype
        Type of what is stored.
    """
    inverted = int(page.photometric) == WHITE_IS_ZERO
    if file.is_imagej:
        scale = _calibration(name, file.imagej_metadata or {}, dtype)
        note = f"{name} is drawn inverted by Fiji (inverting LUT); its values are used as Fiji measures them."
        return Calibration(scale.slope, scale.intercept, (*scale.notes, note)) if inverted else scale
    return _inversion(name, page, dtype) if inverted else Calibration()


def _inversion(name: str, page: Any, dtype: np.dtype[Any]) -> Calibration:
    """White as the largest number."""
    if dtype.kind == "f":
        return Calibration(notes=(f"{name} says that white is 0, which is not followed for floating-point values.",))
    bits = page.bitspersample
    bits = int(bits[0] if isinstance(bits, tuple) else bits)
    return Calibration(-1.0, -1.0 if dtype.kind == "i" else float(2**bits - 1))


def _calibration(name: str, metadata: dict[str, Any], dtype: np.dtype[Any]) -> Calibration:
    """ImageJ's calibration function, which it gives to integers only."""
    function = metadata.get("cf", UNCALIBRATED)
    if function == UNCALIBRATED or dtype.kind == "f":
        return Calibration()
    coefficients = [metadata.get(key) for key in ("c0", "c1")]
    numbers = [float(number) for number in coefficients if isinstance(number, int | float) and math.isfinite(number)]
    if function == STRAIGHT_LINE and len(numbers) == 2 and numbers[1] != 0:
        return Calibration(numbers[1], numbers[0])
    note = f"The grey-value calibration of {name} is not a straight line and is not applied: values are as stored."
    return Calibration(notes=(note,))
