"""The sentence above a table of measurements."""

import pytest

from napari_hypseg.structures.measurement_summary import _amount


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (29.957, "29.96"), (9999.4, "9999"), (9.3184e6, "9 318 000"), (12345, "12 340"), (2.5e12, "2.5e+12")],
)
def test_amounts_have_four_digits_with_thousands_apart(value, text):
    assert _amount(value).replace("\N{NARROW NO-BREAK SPACE}", " ") == text
