"""Tubes and blocks of medium in air: the sample is looked for inside them, without their wall."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from napari_hypseg.methods.localizers.mask_morphology import Mask, inner_distance
from napari_hypseg.volumes.coarse import CoarseVolume, standardise

Array = npt.NDArray[np.float32]
WALL = 0.25
"""Share of the wall's height above the medium below which the wall has ended."""
SLIGHT = 0.1
"""Share of the medium's contrast with the air outside up to which a layer is no wall."""
CLEAR = 1.5
"""Cells that are left free between wall and medium, for the blur."""
DEEPEST = 0.4
"""Share of the radius of the largest ball in a container that a wall can take."""


def wall_depth(grey: Array, container: Mask) -> float:
    """Cells from the surface of a container to where its wall has ended.

    Grey values are compared, layer by layer below the surface, with the median of what lies deeper than any wall.
    """
    depth = inner_distance(container)
    layers = np.ceil(depth).astype(int)
    deepest = int(DEEPEST * layers.max())
    if deepest < 1 or container.all():
        return 0.0
    medium = float(np.median(grey[layers > deepest]))
    off = np.array([abs(float(np.median(grey[layers == n])) - medium) for n in range(1, deepest + 1)])
    contrast = abs(medium - float(np.median(grey[~container])))
    wall = np.flatnonzero(off > max(WALL * off.max(), SLIGHT * contrast))
    return float(wall[-1] + 1) if len(wall) else 0.0


def inside(container: Mask, grey: Array) -> Mask:
    """What lies in a container (z, y, x) below its wall; it goes on beyond the faces of the grid."""
    within: Mask = inner_distance(container) > wall_depth(grey, container) + CLEAR
    return within


def restricted(volume: CoarseVolume, region: Mask) -> CoarseVolume:
    """The same volume with nothing but `region` (z, y, x) valid, standardised anew."""
    valid = volume.valid & region
    return replace(volume, data=standardise(volume.data, valid), valid=valid)
