"""From a mask to one solid piece: crumbs, cavities and holders."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Mask = npt.NDArray[np.bool_]
THIN = 0.1
"""Radius, as a share of the shortest edge of the piece's box, of the ball that fits into a sample but not a holder."""

HOLDER = 0.75
"""Share of a piece that is left when a holder is taken away; if less were, it was no holder."""


def largest(mask: Mask) -> Mask:
    """The largest connected piece of a mask."""
    pieces, count = ndimage.label(mask)
    if count < 2:
        return mask
    biggest: Mask = pieces == 1 + int(np.argmax(np.bincount(pieces.ravel())[1:]))
    return biggest


def solid_piece(mask: Mask, core: Mask, valid: Mask) -> Mask:
    """The piece of `mask` that holds most of `core`, with its cavities, without what holds it from the border."""
    pieces, count = ndimage.label(mask)
    if not count:
        return mask
    held = np.bincount(pieces[core], minlength=count + 1)
    piece = pieces == 1 + int(np.argmax(held[1:]))
    solid: Mask = ndimage.binary_fill_holes(ndimage.binary_closing(piece, iterations=2) & valid) | piece
    return largest(without_holder(solid))


def without_holder(solid: Mask) -> Mask:
    """Opening by a ball, done by distances, of which only what touches the border of the grid is taken away."""
    radius = THIN * min(np.ptp(axis) + 1 for axis in np.nonzero(solid))
    core = ndimage.distance_transform_edt(np.pad(solid, 1, mode="edge"))[1:-1, 1:-1, 1:-1] > radius
    if not core.any():
        return solid
    thick = solid & (ndimage.distance_transform_edt(~largest(core)) <= radius + 0.7)
    pieces, _ = ndimage.label(solid & ~thick)
    border = np.ones_like(solid)
    border[1:-1, 1:-1, 1:-1] = False
    held = np.unique(pieces[border])
    kept: Mask = solid & ~np.isin(pieces, held[held > 0])
    return kept if kept.sum() > HOLDER * solid.sum() else solid
