"""Names and conversion of lengths."""

import pytest

from napari_hypseg.errors import InputError
from napari_hypseg.volumes.units import METERS, SYMBOLS, convert, parse_unit


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
        ("furlong", None),
        ("pm", "picometer"),
        ("Pm", "petameter"),
        ("MM", "millimeter"),
        ("Mm", "megameter"),
        ("Picometre", "picometer"),
    ],
)
def test_spellings(text: str | None, unit: str | None) -> None:
    assert parse_unit(text) == unit


def test_every_unit_is_known_by_its_name_and_symbol() -> None:
    for unit in METERS:
        assert parse_unit(unit) == unit
        assert parse_unit(SYMBOLS[unit]) == unit


def test_every_unit_of_ome_is_known_and_as_long_as_pint_says() -> None:
    pint = pytest.importorskip("pint")
    ngff = "yocto zepto atto femto pico nano micro milli centi deci hecto kilo mega giga tera peta exa zetta yotta"
    names = [f"{prefix}meter" for prefix in ngff.split()]
    for name in (*names, "meter", "angstrom", "inch", "foot", "yard", "mile", "parsec"):
        assert parse_unit(name) == name
    registry = pint.get_application_registry()
    for unit, length in METERS.items():
        assert registry.Quantity(1.0, unit).to("meter").magnitude == pytest.approx(length, rel=1e-6)
    symbols = "Ym Zm Em Pm Tm Gm Mm km hm dam m dm cm mm µm nm pm fm am zm ym Å thou in ft yd mi ua ly pc pt"
    assert len({parse_unit(symbol) for symbol in symbols.split()} - {None}) == len(symbols.split())


def test_conversion() -> None:
    assert convert(40.0, "angstrom", "nanometer") == pytest.approx(4.0)
    assert convert(1.0, "millimeter", "angstrom") == pytest.approx(1e7)
    assert convert(2.0, "pixel", "pixel") == 2.0
    with pytest.raises(InputError, match="pixel"):
        convert(1.0, "pixel", "angstrom")
