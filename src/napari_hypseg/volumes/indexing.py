"""Normalised indices of lazy arrays, one for each axis."""

from operator import index as as_index
from typing import Any


def per_axis(index: Any) -> list[int | slice]:
    """One integer or slice for each of three axes, from any mix of integers, slices and one ellipsis."""
    parts = list(index) if isinstance(index, tuple) else [index]
    rest = next((number for number, part in enumerate(parts) if part is Ellipsis), None)
    if rest is not None:
        parts[rest : rest + 1] = [slice(None)] * (4 - len(parts))
    parts += [slice(None)] * (3 - len(parts))
    return [part if isinstance(part, slice) else as_index(part) for part in parts]
