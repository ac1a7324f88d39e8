"""Colours of classes of particles by their numbers, the same in every picture."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from napari_hypseg.structures.colours import next_colours

MOST = 24
"""Colours that nobody would tell apart any more; further classes begin again with the first."""
NO_CLASS = 0.5
"""Grey of what is in no class."""


def class_colours(classes: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """float32 (n, 3): sRGB in [0, 1] of the class of each particle (n,), 0 for none."""
    largest = int(classes.max(initial=0))
    table = np.full((largest + 1, 3), NO_CLASS, dtype=np.float32)
    table[1:] = _colours()[np.arange(largest) % MOST]
    return table[classes]


@lru_cache(maxsize=1)
def _colours() -> npt.NDArray[np.float32]:
    return np.array(next_colours((), MOST), dtype=np.float32)
