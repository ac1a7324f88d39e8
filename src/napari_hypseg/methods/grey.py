"""Where the grey value alone tells the sample from its surroundings, it does so best: a body in air."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from napari_hypseg.methods.pieces import Mask, solid_piece
from napari_hypseg.volumes.coarse import CoarseVolume

SMOOTH = 0.5
"""Cells: standard deviation of the Gaussian before the threshold."""
HELD = 0.7
"""Share of the surest cells of the sample that have to be on its side."""
RISE = 0.25
"""Where between surroundings and the surest cells, which may be bone, the threshold lies."""
CLEAR = 0.98
"""Share of the surroundings that lies below the threshold: their streaks are no sample."""
HIGHEST = 0.6
"""Where the threshold lies at most, in the same measure as `RISE`."""
NEAR, FAR = 2, 5
"""Cells: a band around the sample that has to look like the surroundings, or it lies in a medium of its own grey."""


def grey_mask(volume: CoarseVolume, core: Mask, shell: Mask) -> Mask | None:
    """The sample as what differs from its surroundings in grey value; None if no threshold can tell.

    Parameters
    ----------
    volume
        Coarse volume; the first channel that tells is used.
    core, shell
        Cells (z, y, x) that are surely sample, and surely surroundings.
    """
    if not core.any() or not shell.any():
        return None
    found = (_tell(channel, core, shell, volume.valid) for channel in volume.data)
    return next((mask for mask in found if mask is not None), None)


def _tell(channel: npt.NDArray[np.float32], core: Mask, shell: Mask, valid: Mask) -> Mask | None:
    """The piece beyond a threshold, if it holds the core, spares the shell and ends in what the shell is made of."""
    smooth = ndimage.gaussian_filter(channel, SMOOTH, mode="nearest")
    outside, inside = float(np.median(smooth[shell])), float(np.median(smooth[core]))
    away = (smooth - outside) * np.sign(inside - outside)
    rise = max(RISE * abs(inside - outside), float(np.quantile(away[shell], CLEAR)))
    beyond = valid & (away > rise)
    if beyond[core].mean() < HELD or rise > HIGHEST * abs(inside - outside):
        return None
    piece = solid_piece(beyond, core & beyond, valid)
    band = ndimage.binary_dilation(piece, iterations=FAR) & ~ndimage.binary_dilation(piece, iterations=NEAR) & valid
    return piece if band.any() and float(np.median(away[band])) < rise / 2 else None
