"""Beads and bubbles that lie against a sample: round, far brighter or darker than it, and not enclosed by it."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from napari_hypseg.methods.localizers.mask_morphology import Mask, largest_component

Array = npt.NDArray[np.float32]
SMOOTH = 0.7
"""Cells: standard deviation of the Gaussian over grey values."""
FAR = 3.0
"""Robust standard deviations of the sample's grey values beyond which a cell is no tissue."""
MAD = 1.4826
"""Standard deviation of normal numbers whose median absolute deviation is 1."""
PART = 0.3
"""Share of the sample that a bead can be at most."""
ROUND = 0.3
"""Share of the ball around its centre that a bead fills, at least."""
BARE = 0.3
"""Share of a bead's surface that does not touch the sample, at least; organs are enclosed by it."""
SHELL = 2
"""Cells: thickness of that surface."""
SMALLEST = 12
"""Cells of the smallest bead that is worth removing."""


def without_beads(mask: Mask, grey: Array) -> Mask:
    """The largest piece of a mask (z, y, x) once beads and bubbles are cut off.

    Parameters
    ----------
    grey
        float32 (c, z, y, x); a bead has to stand out in one of the channels.
    """
    beads = np.zeros_like(mask)
    for channel in grey:
        smooth = ndimage.gaussian_filter(channel, SMOOTH)
        level = float(np.median(smooth[mask]))
        spread = MAD * float(np.median(np.abs(smooth[mask] - level)))
        for sign in (1, -1):
            beads |= _round_pieces(sign * (smooth - level) > FAR * spread, mask)
    return largest_component(mask & ~beads) if beads.any() else mask


def _round_pieces(extreme: Mask, mask: Mask) -> Mask:
    """The pieces of what is extreme in or at a mask that are beads, one cell larger, for the blur."""
    near = extreme & ndimage.binary_dilation(mask, iterations=SHELL)
    pieces, _ = ndimage.label(ndimage.binary_opening(near))
    found = np.zeros_like(mask)
    for number, window in enumerate(ndimage.find_objects(pieces), start=1):
        around = tuple(slice(max(0, side.start - SHELL), side.stop + SHELL) for side in window)
        if _is_bead(pieces[around] == number, mask[around], int(mask.sum())):
            found[around] |= ndimage.binary_dilation(pieces[around] == number)
    return found


def _is_bead(piece: Mask, mask: Mask, size: int) -> bool:
    """Whether a piece is round, and bare enough, of a sample of `size` cells."""
    cells = np.argwhere(piece)
    if not SMALLEST <= len(cells) < PART * size:
        return False
    radius = float(np.sqrt(np.square(cells - cells.mean(0)).sum(1)).max()) + 0.5
    shell = ndimage.binary_dilation(piece, iterations=SHELL) & ~piece
    return len(cells) > ROUND * 4 / 3 * np.pi * radius**3 and float((shell & ~mask).sum()) > BARE * shell.sum()
