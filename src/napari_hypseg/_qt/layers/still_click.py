"""What is a click in the picture: a press and a release in one place. Anything else drags the picture along."""

from collections.abc import Generator
from typing import Any

import numpy as np

STILL = 4
"""Pixels that the mouse may move during a click."""


def still_click(event: Any) -> Generator[None, None, bool]:
    """Follow a press of the mouse to its release, as a callback of napari does; gives whether it was a click."""
    start, moved = np.asarray(event.pos), 0.0
    yield
    while event.type == "mouse_move":
        moved = max(moved, _distance(event, start))
        yield
    return max(moved, _distance(event, start)) <= STILL


def _distance(event: Any, start: Any) -> float:
    return float(np.abs(np.asarray(event.pos) - start).max())
