"""Scaled integers: the smallest type that keeps values apart, and the arithmetic in it."""

import numpy as np
import pytest

from napari_hypseg.io.linear_scale import apply_scale, scaled_dtype


@pytest.mark.parametrize(
    ("stored", "slope", "intercept", "expected"),
    [
        ("u2", 1.0, -32768.0, "i2"),
        ("u1", -1.0, 255.0, "u1"),
        ("?", -1.0, 1.0, "u1"),
        ("i2", -1.0, -1.0, "i2"),
        ("u2", 1.0, -1024.0, "i4"),
        ("i4", 1.0, -(2.0**40), "i8"),
        ("u2", 0.5, -10.0, "f4"),
        ("u2", 1e-12, 0.0, "f4"),
        ("u2", 0.5, 1e9, "f8"),
        ("i4", 0.1, 0.0, "f8"),
        ("u2", 1e-60, 0.0, "f8"),
        ("f4", 2.0, 0.0, "f4"),
        ("f4", 1.0, 1e7, "f8"),
    ],
)
def test_neighbouring_values_stay_apart(stored: str, slope: float, intercept: float, expected: str) -> None:
    dtype = scaled_dtype(np.dtype(stored), slope, intercept)
    assert dtype == np.dtype(expected)
    kind = np.dtype(stored)
    if kind.kind == "f":
        return
    least, greatest = (0, 1) if kind.kind == "b" else (np.iinfo(kind).min, np.iinfo(kind).max)
    numbers = np.array([least, least + 1, greatest - 1, greatest]).astype(kind)
    scaled = apply_scale(numbers, slope, intercept, dtype)
    assert scaled.dtype == dtype
    np.testing.assert_allclose(scaled.astype(float), numbers.astype(float) * slope + intercept, rtol=1e-6)
    assert len(np.unique(scaled)) == len(np.unique(numbers))
