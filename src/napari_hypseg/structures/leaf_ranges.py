"""Sets of leaves as short text, such as ``"0-5,9"``: how an edit names what it is about, in memory and on disk."""

import re
from collections.abc import Iterable
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import StringConstraints

PATTERN = re.compile(r"(\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*)?")
LeafRanges = Annotated[str, StringConstraints(pattern=rf"^{PATTERN.pattern}$", max_length=600_000)]
"""Leaf numbers from 0, ascending ranges with both ends, joined by commas; empty for none."""


def to_ranges(leaves: Iterable[int] | npt.NDArray[np.integer]) -> str:
    """Text of a set of leaf numbers in any order."""
    numbers = np.unique(np.fromiter(leaves, dtype=np.int64))
    if not len(numbers):
        return ""
    breaks = np.flatnonzero(np.diff(numbers) > 1)
    starts, stops = numbers[np.r_[0, breaks + 1]], numbers[np.r_[breaks, len(numbers) - 1]]
    pairs = zip(starts.tolist(), stops.tolist(), strict=True)
    return ",".join(str(start) if start == stop else f"{start}-{stop}" for start, stop in pairs)


def from_ranges(ranges: str, n_leaves: int) -> npt.NDArray[np.bool_]:
    """Which of `n_leaves` leaves are in the set, bool (K,).

    Raises
    ------
    ValueError
        If one of them is not among the leaves, or the text is no set.
    """
    if PATTERN.fullmatch(ranges) is None:
        raise ValueError(f"{ranges[:40]!r} is no set of leaves")
    chosen = np.zeros(n_leaves, dtype=bool)
    for part in filter(None, ranges.split(",")):
        first, _, last = part.partition("-")
        start, stop = int(first), int(last or first)
        if not start <= stop < n_leaves:
            raise ValueError(f"leaves {part} are not among the {n_leaves} leaves")
        chosen[start : stop + 1] = True
    return chosen
