"""Where the sample has to be looked for: a body in air is the sample, a tube or block of medium only holds it.

A body is the sample where structure fills it. Noise and structure are told apart by how they fade when a volume is
smoothed, whatever the strength of the noise.
"""

from dataclasses import dataclass

import numpy as np
import torch
from scipy import ndimage

from napari_hypseg.methods.localizers.background_flattening import flatten
from napari_hypseg.methods.localizers.body_in_air import Array, bodies_in_air, spans_body
from napari_hypseg.methods.localizers.container import inside, restricted
from napari_hypseg.methods.localizers.mask_morphology import Mask
from napari_hypseg.methods.localizers.seeds import enlarge, texture_strength, visible_texture
from napari_hypseg.methods.localizers.structure_tensor import NEARBY, persistence
from napari_hypseg.volumes.coarse import CoarseVolume

LASTING = 0.15
"""Persistence of the structure above which half of a body is more than noise. White noise has 0.05, noise blurred by
a reconstruction up to 0.12, tissue 0.2 to 0.3."""
ROOM = 0.3
"""Share of a body below its wall from which on a sample may lie in it."""
AWAY = 3
"""Cells from the surface of a body that belong to neither side of it."""
SMOOTH = 1.0
"""Cells: standard deviation of the Gaussian before grey values are compared."""


@dataclass(frozen=True, eq=False)
class SearchRegion:
    """Where to look.

    Parameters
    ----------
    copy
        Coarse volume in which only the region is valid.
    body
        bool (z, y, x): the sample itself where its grey value tells it, as that of a body in air does; else None.
    """

    copy: CoarseVolume
    body: Mask | None = None


def search_region(volume: CoarseVolume) -> SearchRegion:
    """The body in air that is the sample, the inside of the one that holds it, or all of the volume."""
    varied = enlarge(visible_texture(volume), volume.grid)
    for channel, body in bodies_in_air(volume):
        within = inside(body, channel) & volume.valid
        if within.sum() < ROOM * body.sum() or _lasting(volume, within):
            if spans_body(varied, body):
                return SearchRegion(volume, body)
            continue
        around = _around(channel, body) & volume.valid if not body.all() else ~body
        sides = [restricted(volume, side) for side in (within, around) if side.any()]
        return SearchRegion(max(sides, key=texture_strength))
    return SearchRegion(volume)


def _around(channel: Array, body: Mask) -> Mask:
    """What lies clear of a body and of what is joined to it and has rather its grey value than that outside."""
    smooth = ndimage.gaussian_filter(channel, SMOOTH, mode="nearest")
    levels = float(np.median(smooth[body])), float(np.median(smooth[~body]))
    alike = np.abs(smooth - levels[0]) < np.abs(smooth - levels[1])
    joined = ndimage.binary_propagation(ndimage.binary_dilation(body), mask=body | ndimage.binary_opening(alike))
    clear: Mask = ndimage.distance_transform_edt(~(body | joined)) > AWAY
    return clear


def _lasting(volume: CoarseVolume, within: Mask) -> bool:
    """Whether more than half of a region is structure that lasts, and not noise."""
    region = restricted(volume, within)
    flat = torch.from_numpy(flatten(region, NEARBY))
    return float(np.median(persistence(flat)[region.valid])) > LASTING
