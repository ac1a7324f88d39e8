"""Names and conversion of lengths."""

import pytest

from napari_hypseg.errors import InputError
from napari_hypseg.io.units import METERS, SYMBOLS, convert, unit_named


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("Å", "angstrom"),
        ("\u212b", "angstrom"),
        ("A", "angstrom"),
        ("Angstrom", "angstrom"),
        ("nm", "nanometer"),
        ("µm", "micrometer"),
        ("\u03bcm", "micrometer"),
        ("\\u00B5m", "micrometer"),
        (" Micron ", "micrometer"),
        ("mm", "millimeter"),
        ("inch", "inch"),
        ("pixels", "pixel"),
        ("", None),
        (None, None),
        ("parsec", None),
    ],
)
def test_spellings(text: str | None, unit: str | None) -> None:
    assert unit_named(text) == unit


def test_every_unit_is_known_by_its_name_and_symbol() -> None:
    for unit in METERS:
        assert unit_named(unit) == unit
        assert unit_named(SYMBOLS[unit]) == unit


def test_conversion() -> None:
    assert convert(40.0, "angstrom", "nanometer") == pytest.approx(4.0)
    assert convert(1.0, "millimeter", "angstrom") == pytest.approx(1e7)
    assert convert(2.0, "pixel", "pixel") == 2.0
    with pytest.raises(InputError, match="pixel"):
        convert(1.0, "pixel", "angstrom")
