"""Training scans with a sample whose outline is known exactly: a part of the sample, cut out and pasted elsewhere.

Seeds end before the outline, whose position between them is unknown. A part that is surely sample, pasted onto what
surely is not, has a known edge of just that texture against just that medium (compare cut-and-paste
learning, Dwibedi et al. 2017; CutPaste, Li et al. 2021).
"""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from napari_hypseg.methods.localizers.mask_morphology import Mask, largest_component
from napari_hypseg.methods.localizers.seeds import BACKGROUND, SAMPLE, Seeds

Array = npt.NDArray[np.float32]
WAVES = (12.0, 24.0)
"""Cells: width of the waves of the random edge."""
CUT = (0.05, 0.4)
"""Share of the piece that is cut away."""
SOFT = 0.5
"""Cells: blur of the edge, as of any scan."""
TRIES = 12


def composite(data: Array, seeds: Seeds, draw: np.random.Generator) -> tuple[Array, Seeds]:
    """Flattened grey values (c, z, y, x) and seeds (z, y, x) with another sample pasted into the surroundings.

    The piece is mirrored and turned at random and put, of several random places, where most of it covers
    surroundings.
    """
    mirrored = [axis for axis in range(3) if draw.random() < 0.5]
    grey, known = np.flip(data, tuple(axis + 1 for axis in mirrored)), np.flip(seeds, tuple(mirrored))
    if data.shape[2] == data.shape[3] and draw.random() < 0.5:
        grey, known = grey.swapaxes(2, 3), known.swapaxes(1, 2)
    core = largest_component(known == SAMPLE)
    (window,) = ndimage.find_objects(core.astype(np.uint8))
    piece = _cut(core[window], draw)
    place = _place(piece, seeds, draw)
    share = ndimage.gaussian_filter(piece.astype(np.float32), SOFT)
    made, told = data.copy(), seeds.copy()
    here = (slice(None), *place)
    made[here] += share * (grey[(slice(None), *window)] - made[here])
    told[place][piece] = SAMPLE
    return made, told


def _cut(core: Mask, draw: np.random.Generator) -> Mask:
    """What a random wavy surface leaves of a piece."""
    width = draw.uniform(*WAVES)
    few = draw.standard_normal([max(2, round(n / width)) for n in core.shape]).astype(np.float32)
    waves = ndimage.zoom(few, [n / m for n, m in zip(core.shape, few.shape, strict=True)], order=3)
    cut: Mask = core & (waves >= np.quantile(waves[core], draw.uniform(*CUT)))
    return cut


def _place(piece: Mask, seeds: Seeds, draw: np.random.Generator) -> tuple[slice, ...]:
    """Where most of `piece` covers surroundings, of several random places."""
    room = [n - m + 1 for n, m in zip(seeds.shape, piece.shape, strict=True)]
    tried = [
        tuple(slice(start, start + n) for start, n in zip(draw.integers(room), piece.shape, strict=True))
        for _ in range(TRIES)
    ]
    return max(tried, key=lambda place: float(np.mean(seeds[place][piece] == BACKGROUND)))
