"""The unit in which sizes are told: the one that makes their numbers short."""

from collections.abc import Sequence
from math import pi

import numpy as np

from napari_hypseg.volumes.units import SYMBOLS, convert, is_length

READABLE = ("millimeter", "micrometer", "nanometer")
"""Units that sizes are told in, the longest first."""
SMALLEST_DIAMETER = 0.25
"""Diameter of a typical object, in the unit that is chosen, is at least this."""
_ASCII = str.maketrans({"Å": "angstrom", "µ": "u"})


def equivalent_diameter(volume: float) -> float:
    """Diameter of the ball of such a volume."""
    return float((6 * volume / pi) ** (1 / 3))


def readable_unit(unit: str, volumes: Sequence[float]) -> str:
    """The longest of mm, µm and nm in which an object of median size is not too short a number; ``"pixel"`` stays.

    Parameters
    ----------
    unit
        Unit of the voxel size.
    volumes
        Volumes of the objects in `unit`, cubed.
    """
    if not is_length(unit):
        return unit
    present = [volume for volume in volumes if volume > 0]
    if not present:
        return unit
    diameter = equivalent_diameter(float(np.median(present)))
    fitting = (name for name in READABLE if convert(diameter, unit, name) >= SMALLEST_DIAMETER)
    return next(fitting, READABLE[-1])


def unit_symbol(unit: str, power: int = 1) -> str:
    """A unit as a person reads it: ``nm³``."""
    return SYMBOLS.get(unit, unit) + {1: "", 2: "²", 3: "³"}[power]


def plain_unit(unit: str, power: int = 1) -> str:
    """A unit as it stands in the head of a column that programs read: ``nm3``, ``um2``."""
    return SYMBOLS.get(unit, unit).translate(_ASCII) + ("" if power == 1 else str(power))
