"""Units of length: the one place where names are understood and lengths converted.

Names are those pint knows, so that a layer's units can be made from them; the table is small enough that the core
does without pint. ``"pixel"`` stands for "the file does not say" and converts to nothing else.
"""

from collections.abc import Mapping
from types import MappingProxyType

from napari_hypseg.errors import InputError

PIXEL = "pixel"

METERS: Mapping[str, float] = MappingProxyType(
    {
        "angstrom": 1e-10,
        "nanometer": 1e-9,
        "micrometer": 1e-6,
        "millimeter": 1e-3,
        "centimeter": 1e-2,
        "inch": 2.54e-2,
        "meter": 1.0,
    }
)

SYMBOLS: Mapping[str, str] = MappingProxyType(
    {
        "angstrom": "Å",
        "nanometer": "nm",
        "micrometer": "µm",
        "millimeter": "mm",
        "centimeter": "cm",
        "inch": "inch",
        "meter": "m",
        PIXEL: "pixel",
    }
)

# "\\u00b5m" is what ImageJ writes into its ASCII-only description.
_SPELLINGS: Mapping[str, str] = {
    "angstrom": "a å ang angstroms ångström ångstrom \\u00c5 \\u00e5",
    "nanometer": "nm nanometre nanometers nanometres",
    "micrometer": "um µm µ micron microns micrometre micrometers micrometres \\u00b5m",
    "millimeter": "mm millimetre millimeters millimetres",
    "centimeter": "cm centimetre centimeters centimetres",
    "inch": "in inches",
    "meter": "m metre meters metres",
    PIXEL: "px pixels voxel voxels",
}
# Folding the case also makes one of the two Å and of the two µ that Unicode has.
_UNITS = MappingProxyType(
    {text.casefold(): unit for unit, spellings in _SPELLINGS.items() for text in (unit, *spellings.split())}
)


def unit_named(text: str | None) -> str | None:
    """The unit a file means by `text`, None where that is no length this project knows."""
    return _UNITS.get((text or "").strip().casefold())


def convert(length: float, unit: str, target: str) -> float:
    """Convert `length` from `unit` to `target`.

    Raises
    ------
    InputError
        If one of the two is ``"pixel"`` (or unknown) and the other is not the same.
    """
    if unit == target:
        return length
    if unit not in METERS or target not in METERS:
        raise InputError(f"A length in {unit} cannot be given in {target}; set the voxel size and its unit first.")
    return length * METERS[unit] / METERS[target]


def is_length(unit: str) -> bool:
    """Whether `unit` is a real length and not ``"pixel"``."""
    return unit in METERS
