"""Units of length: the one place where names are understood and lengths converted.

Names are those pint knows, so that a layer's units can be made from them; the table is small enough that the core
does without pint. ``"pixel"`` stands for "the file does not say" and converts to nothing else.
"""

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

from napari_hypseg.errors import InputError

PIXEL = "pixel"

_PREFIXES = {
    "yocto": ("y", -24),
    "zepto": ("z", -21),
    "atto": ("a", -18),
    "femto": ("f", -15),
    "pico": ("p", -12),
    "nano": ("n", -9),
    "micro": ("µ", -6),
    "milli": ("m", -3),
    "centi": ("c", -2),
    "deci": ("d", -1),
    "": ("", 0),
    "deca": ("da", 1),
    "hecto": ("h", 2),
    "kilo": ("k", 3),
    "mega": ("M", 6),
    "giga": ("G", 9),
    "tera": ("T", 12),
    "peta": ("P", 15),
    "exa": ("E", 18),
    "zetta": ("Z", 21),
    "yotta": ("Y", 24),
}

# Symbol and metres of what OME-XML and OME-NGFF allow beside the metre and its prefixes.
_OTHERS = {
    "angstrom": ("Å", 1e-10),
    "thou": ("thou", 2.54e-5),
    "point": ("pt", 2.54e-2 / 72),
    "inch": ("inch", 2.54e-2),
    "foot": ("ft", 0.3048),
    "yard": ("yd", 0.9144),
    "mile": ("mi", 1609.344),
    "astronomical_unit": ("au", 149_597_870_700.0),
    "light_year": ("ly", 9_460_730_472_580_800.0),
    "parsec": ("pc", 3.085677581491367e16),
}

METERS: Mapping[str, float] = MappingProxyType(
    {f"{prefix}meter": float(f"1e{power}") for prefix, (_, power) in _PREFIXES.items()}
    | {name: meters for name, (_, meters) in _OTHERS.items()}
)
"""Length of each unit in metres, by its name in pint."""

SYMBOLS: Mapping[str, str] = MappingProxyType(
    {f"{prefix}meter": f"{symbol}m" for prefix, (symbol, _) in _PREFIXES.items()}
    | {name: symbol for name, (symbol, _) in _OTHERS.items()}
    | {PIXEL: "pixel"}
)

COMMON_UNITS = ("angstrom", "nanometer", "micrometer", "millimeter", "centimeter", "inch", "meter", PIXEL)
"""The units that are offered for choice."""

# "\\u00b5m" is what ImageJ writes into its ASCII-only description.
_SPELLINGS: Mapping[str, str] = {
    "angstrom": "a ang angstroms ångström ångstrom \\u00c5 \\u00e5",
    "micrometer": "um µ micron microns \\u00b5m",
    "decameter": "dekameter dekametre",
    "inch": "in inches",
    "foot": "feet",
    "yard": "yards",
    "mile": "miles",
    "point": "points",
    "astronomical_unit": "ua",
    "parsec": "parsecs",
    PIXEL: "px pixels voxel voxels",
}


def _folded_names() -> Mapping[str, str]:
    """Unit of each spelling in lower case; where two meet (mm and Mm), it is the shorter one."""
    named: dict[str, str] = {}
    for unit in (*sorted(METERS, key=METERS.__getitem__), PIXEL):
        spellings = [unit, SYMBOLS[unit], *_SPELLINGS.get(unit, "").split()]
        if unit.endswith("meter"):
            spellings += [f"{unit}s", f"{unit[:-2]}re", f"{unit[:-2]}res"]
        for text in spellings:
            named.setdefault(text.casefold(), unit)
    return MappingProxyType(named)


_BY_SYMBOL = MappingProxyType({unicodedata.normalize("NFKC", symbol): unit for unit, symbol in SYMBOLS.items()})
_BY_FOLDED_NAME = _folded_names()


def parse_unit(text: str | None) -> str | None:
    """The unit a file means by `text`, None where that is no length this project knows.

    Symbols count as they are written (mm and Mm), names and misspelt symbols in any case.
    """
    plain = unicodedata.normalize("NFKC", text or "").strip()
    return _BY_SYMBOL.get(plain) or _BY_FOLDED_NAME.get(plain.casefold())


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
