"""Bodies in air: samples whose grey value differs from that of everything around them."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from napari_hypseg.methods.localizers.mask_morphology import (
    Mask,
    filled_component,
    opened,
    without_holder,
    without_small_components,
)
from napari_hypseg.volumes.coarse import CoarseVolume

Array = npt.NDArray[np.float32]
SMOOTH = 0.5
"""Cells: standard deviation of the Gaussian before the threshold."""
FEW = 8
"""Cells along an axis below which its faces say nothing about the surroundings."""
ROUNDS = 20
LEVEL = 0.35
"""Where between surroundings and body the threshold lies: cells at the tip of a tail are only partly filled."""
BETWEEN, VALLEY = (0.25, 0.75), 0.15
"""Share of all cells that may lie between the two grey values, away from both, for these to be two."""
THICK, SOLID = 0.4, 0.6
"""Share of a body that is left by an opening with a ball of a share of its thickness; streaks leave less."""
FILLED = 0.6
"""Share of the body's box that what varies spans; in a tube or block of medium the sample spans less."""


def bodies_in_air(volume: CoarseVolume) -> Iterator[tuple[Array, Mask]]:
    """Channels (z, y, x) and the body (z, y, x) that differs from its surroundings in grey value in each, if any.

    The threshold lies nearer to the grey value of the surroundings than to that of the body, as thin ends do.
    """
    for channel in volume.data:
        body = _body(channel, volume.valid)
        if body is not None:
            yield channel, body


def spans_body(varied: Mask, body: Mask) -> bool:
    """Whether what varies inside a body (z, y, x) spans as much as the body itself."""
    within = varied & body
    if not within.any():
        return False
    return _box_size(without_small_components(within)) > FILLED * _box_size(body)


def _body(channel: Array, valid: Mask) -> Mask | None:
    smooth = ndimage.gaussian_filter(channel, SMOOTH, mode="nearest")
    outside = _outside(smooth)
    away = smooth - outside
    away = away * np.sign(away[valid].mean())
    inside = _inside(away[valid])
    low, high = (share * inside for share in BETWEEN)
    if not inside > 0 or ((away > low) & (away < high))[valid].mean() > VALLEY:
        return None
    beyond = (away > LEVEL * inside) & valid
    body = without_holder(filled_component(beyond, beyond))
    return body if body.any() and opened(body, THICK).sum() > SOLID * body.sum() else None


def _outside(smooth: Array) -> float:
    """Grey value of most of the faces; a body may be cut by some of them."""
    axes = [axis for axis in range(3) if smooth.shape[axis] >= FEW]
    return float(np.median([np.median(smooth.take(side, axis)) for axis in axes for side in (0, -1)])) if axes else 0.0


def _inside(away: Array) -> float:
    """Median of what lies farther from the surroundings than half of itself; 0 if that does not settle."""
    level = float(np.quantile(away, 0.99))
    for _ in range(ROUNDS):
        beyond = away[away > level / 2]
        level = float(np.median(beyond)) if len(beyond) else 0.0
    return level


def _box_size(mask: Mask) -> int:
    """Cells of the smallest box around a mask."""
    (box,) = ndimage.find_objects(mask.astype(np.uint8))
    return int(np.prod([side.stop - side.start for side in box]))
