"""Morphology of masks: the largest component, filled cavities, opening, and removal of small and thin parts."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Mask = npt.NDArray[np.bool_]
HOLDER_THIN = 0.2
"""Radius of the ball that fits into a sample but not into what holds it from the border, as a share of the largest."""
HOLDER = 0.75
"""Share of a piece that is left when a holder is taken away; if less were, it was no holder."""
SMALL = 0.1
"""Size of a component that counts as small, as a share of the largest."""
ROUND = 0.7
"""Cells by which a ball on a grid reaches farther than its radius, so that flat faces stay where they are."""


def largest_component(mask: Mask) -> Mask:
    """The largest connected piece of a mask."""
    pieces, count = ndimage.label(mask)
    if count < 2:
        return mask
    biggest: Mask = pieces == 1 + int(np.argmax(np.bincount(pieces.ravel())[1:]))
    return biggest


def filled_component(mask: Mask, core: Mask) -> Mask:
    """The piece of `mask` that holds most of `core`, with its cavities; the largest one if none does."""
    pieces, count = ndimage.label(mask)
    if not count:
        return mask
    held = np.bincount(pieces[core & mask] if (core & mask).any() else pieces[mask], minlength=count + 1)
    solid: Mask = ndimage.binary_fill_holes(pieces == 1 + int(np.argmax(held[1:])))
    return solid


def inner_distance(mask: Mask) -> npt.NDArray[np.float64]:
    """Distance in cells of every cell of a mask to the next cell outside it; the mask goes on beyond the faces."""
    if mask.all():
        return np.full(mask.shape, float(max(mask.shape)))
    padded = ndimage.distance_transform_edt(np.pad(mask, 1, mode="edge"))
    inner: npt.NDArray[np.float64] = padded[1:-1, 1:-1, 1:-1]
    return inner


def opened(mask: Mask, share: float) -> Mask:
    """Opening by a ball whose radius is a share of that of the largest ball in the mask, without small parts of it.

    Thick parts stay even where only something thin joins them, as a waist joins head and abdomen.
    """
    depth = inner_distance(mask)
    radius = share * float(depth.max(initial=0))
    inner = depth > radius
    if not inner.any():
        return mask
    thick: Mask = mask & (ndimage.distance_transform_edt(~without_small_components(inner)) <= radius + ROUND)
    return thick


def without_small_components(mask: Mask) -> Mask:
    """The pieces of a mask that are not much smaller than the largest."""
    pieces, _ = ndimage.label(mask)
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    kept: Mask = (sizes > SMALL * sizes.max())[pieces] & mask
    return kept


def without_holder(solid: Mask) -> Mask:
    """A mask without those thin parts that reach the border of the grid, unless too much of it were lost."""
    thick = opened(solid, HOLDER_THIN)
    pieces, _ = ndimage.label(solid & ~thick)
    border = np.ones_like(solid)
    border[1:-1, 1:-1, 1:-1] = False
    held = np.unique(pieces[border])
    kept: Mask = solid & ~np.isin(pieces, held[held > 0])
    return kept if kept.sum() > HOLDER * solid.sum() else solid
