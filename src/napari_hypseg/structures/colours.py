"""Colours of structures: each new one as far as can be from those in use, for normal and colour-blind eyes."""

from collections.abc import Sequence

import numpy as np

from napari_hypseg.hierarchy.colour.oklab import from_srgb, to_srgb
from napari_hypseg.hierarchy.colour.palette import CALM, Palette
from napari_hypseg.structures.structure import Rgb

FIRST = (0.96, 0.56, 0.16)
"""Orange: seen over grey and apart from the greyish blue of the background."""
VIVID = 0.12
"""Least chroma in OKLab: structures stand out from regions and grey values."""


def next_colour(used: Sequence[Rgb]) -> Rgb:
    """SRGB in [0, 1], unlike all colours in use."""
    if not used:
        return FIRST
    palette = Palette()
    for lab in (CALM, *from_srgb(np.array(used))):
        palette.use(lab)
    vivid = np.linalg.norm(palette.candidates[:, 1:], axis=1) >= VIVID
    best = palette.candidates[np.argmax(np.where(vivid, palette.free, 0))]
    red, green, blue = to_srgb(best).round(3).tolist()
    return red, green, blue


def next_colours(used: Sequence[Rgb], count: int) -> tuple[Rgb, ...]:
    """Several, unlike one another too."""
    found = list(used)
    for _ in range(count):
        found.append(next_colour(found))
    return tuple(found[len(used) :])
