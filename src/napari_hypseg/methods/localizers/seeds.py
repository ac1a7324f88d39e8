"""Seeds of the outline: a few cells that are surely sample and many that surely are background."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from napari_hypseg.methods.localizers.background_flattening import halve
from napari_hypseg.methods.localizers.mask_morphology import Mask, inner_distance, largest_component, opened
from napari_hypseg.methods.localizers.structure_tensor import structure
from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.coarse import CoarseVolume

Array = npt.NDArray[np.float32]
Seeds = npt.NDArray[np.int8]
T = TypeVar("T", bound=np.generic)

SAMPLE, BACKGROUND, UNKNOWN = 1, 0, -1
SKIN = 4.0
"""Cells of the halved grid below the outline of the structure, which is blurred, from which on all is sample."""
SHARPNESS = (1.0, 2.0)
"""Widths at which structure is looked for, one after the other until some is seen; see `structure.structure`."""
FAINT = 1.0
"""Structure, in units of noise, that half of what varies has to have; in pure noise it is 0.5 to 0.8."""
THIN = 0.5
"""Radius of the ball that has to fit into a sample but not into what holds it, as a share of the largest that does."""


def textured(strength: Array, valid: Mask) -> Mask:
    """Cells (z, y, x) that vary in every direction; none if they vary no more than noise does.

    They are separated from the others by the threshold of least cross entropy (Li & Tam 1998).

    Parameters
    ----------
    strength
        How much a place varies in every direction; see `structure.structure`.
    """
    from skimage.filters import threshold_li

    known = strength[valid]
    if not known.size or np.ptp(known) == 0:
        return np.zeros(strength.shape, dtype=np.bool_)
    high = (strength > threshold_li(known)) & valid
    if np.median(strength[high]) < FAINT:
        return np.zeros_like(high)
    opened_once: Mask = ndimage.binary_opening(high)
    return opened_once if opened_once.any() else high


def visible_texture(volume: CoarseVolume) -> Mask:
    """Cells (z, y, x) of the halved grid that vary in every direction, seen as sharply as the noise allows."""
    valid = halve(volume).valid
    seen = (textured(structure(volume, width), valid) for width in SHARPNESS)
    return next((cells for cells in seen if cells.any()), np.zeros_like(valid))


def texture_strength(volume: CoarseVolume) -> float:
    """Median strength of what varies in every direction, in units of the noise; 0 if nothing is seen to."""
    valid = halve(volume).valid
    found = 0.0
    for width in SHARPNESS:
        strength = structure(volume, width)
        cells = textured(strength, valid)
        found = max(found, float(np.median(strength[cells])) if cells.any() else 0.0)
    return found


def find_component(varied: Mask, evidence: Array) -> Mask:
    """The connected piece (z, y, x) of what varies that holds most of the evidence, with its cavities.

    Parameters
    ----------
    evidence
        How much speaks for a sample, on the same grid.
    """
    pieces, count = ndimage.label(varied)
    if not count:
        return varied
    held = ndimage.sum_labels(evidence, pieces, np.arange(1, count + 1))
    filled: Mask = ndimage.binary_fill_holes(pieces == 1 + int(np.argmax(held)))
    return filled


def place_seeds(piece: Mask, valid: Mask) -> Seeds:
    """Seeds (z, y, x) around a piece: 1 sample, 0 background, -1 unknown.

    What is thin, such as the tip of a holder, remains unknown.
    """
    seeds = np.full(piece.shape, UNKNOWN, dtype=np.int8)
    seeds[~ndimage.binary_dilation(piece) | ~valid] = BACKGROUND
    if piece.any():
        depth = inner_distance(piece)
        core = depth > min(SKIN, 0.6 * depth.max())
        seeds[largest_component(opened(core, THIN)) & valid] = SAMPLE
    return seeds


def enlarge(seeds: npt.NDArray[T], grid: Index3) -> npt.NDArray[T]:
    """Seeds of a halved grid on the whole one."""
    index = np.ix_(*(np.arange(n) * m // n for n, m in zip(grid, seeds.shape, strict=True)))
    larger: npt.NDArray[T] = seeds[index]
    return larger
