"""Stored numbers to values by ``slope * stored + intercept``, in a type that keeps them apart."""

from typing import Any

import numpy as np
import numpy.typing as npt

_INTEGERS = tuple(np.dtype(name) for name in ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8"))
_SINGLE_STEPS = 2.0**23
"""Steps between 0 and the greatest value up to which single precision keeps neighbours apart."""
_SINGLE_SLOPES = (2.0**-20, 2.0**20)
"""Factors that keep single-precision numbers of a usual size inside single precision."""


def scaled_dtype(stored: np.dtype[Any], slope: float, intercept: float) -> np.dtype[Any]:
    """The smallest type for ``slope * stored + intercept``.

    Integers stay integers where slope and intercept are whole; else it is float32, or float64 where float32 would
    merge values that differ.
    """
    if stored.kind not in "biu":
        low, high = _SINGLE_SLOPES
        single = stored.itemsize <= 4 and intercept == 0 and low <= abs(slope) <= high
        return np.dtype(np.float32 if single else np.float64)
    least, greatest = (0, 1) if stored.kind == "b" else (int(np.iinfo(stored).min), int(np.iinfo(stored).max))
    if float(slope).is_integer() and float(intercept).is_integer():
        ends = sorted(int(slope) * end + int(intercept) for end in (least, greatest))
        for kind in _INTEGERS:
            if np.iinfo(kind).min <= ends[0] and ends[1] <= np.iinfo(kind).max:
                return kind
    reach = max(abs(slope * end + intercept) for end in (least, greatest))
    limits = np.finfo(np.float32)
    single = reach <= abs(slope) * _SINGLE_STEPS and float(limits.tiny) < reach < float(limits.max)
    return np.dtype(np.float32 if single else np.float64)


def apply_scale(stored: npt.ArrayLike, slope: float, intercept: float, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """``slope * stored + intercept`` as `dtype`, which `scaled_dtype` gave."""
    values = np.asarray(stored)
    if dtype.kind == "f":
        return np.asarray(values.astype(dtype) * dtype.type(slope) + dtype.type(intercept))
    # Integers may overflow on the way, modulo a power of two, and are right in the end.
    with np.errstate(over="ignore"):
        factor, offset = (np.uint64(int(number) % 2**64).astype(dtype) for number in (slope, intercept))
        return np.asarray(values.astype(dtype) * factor + offset)
