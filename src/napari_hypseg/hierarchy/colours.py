"""A colour for every node of the tree, such that a step of the slider never looks like a reshuffle.

The heir of a node, the bigger of its children, keeps the node's colour; the offshoot gets a shade of it. From one cut
to the next one part of one region changes its colour, and nothing else. The regions of the slider's range are kept
apart for all eyes by `Palette`; below that, offshoots take small steps in lightness and hue.
"""

from functools import lru_cache
from math import cos, radians, sin

import numpy as np
import numpy.typing as npt

from napari_hypseg.hierarchy.cuts import Cut, lookup, region_nodes
from napari_hypseg.hierarchy.oklab import Colours, into_gamut, to_srgb
from napari_hypseg.hierarchy.palette import CALM, WARM, Palette
from napari_hypseg.hierarchy.tree import Hierarchy

Table = npt.NDArray[np.float32]

KEPT_APART = 128
LIGHTNESS_STEP = 0.07
LIGHTNESS_RANGE = (0.58, 0.9)
HUE_STEP = radians(18)


@lru_cache(maxsize=8)
def node_colours(hierarchy: Hierarchy) -> Table:
    """float32 (2K−1, 4), read-only: sRGB and alpha of every node in [0, 1]; computed once for each tree."""
    lab = _kept_apart(hierarchy)
    _shade_the_rest(hierarchy, lab)
    colours = np.ones((len(lab), 4), dtype=np.float32)
    colours[:, :3] = to_srgb(into_gamut(lab))
    colours.setflags(write=False)
    return colours


def colour_table(hierarchy: Hierarchy, cut: Cut, hidden: frozenset[int] = frozenset()) -> Table:
    """float32 (K+1, 4): sRGB and alpha of every value of the leaf-id volume.

    Row 0, outside, is transparent, and so are leaves below no node of the cut.

    Parameters
    ----------
    hidden
        Nodes not to be shown; what lies below one is hidden with it, a region that is more than it is not.
    """
    nodes = region_nodes(hierarchy, cut)
    colours = np.zeros((len(nodes) + 1, 4), dtype=np.float32)
    colours[1:] = node_colours(hierarchy)[nodes]
    for node in hidden:
        start, stop = hierarchy.ranges[node]
        ranges = hierarchy.ranges[nodes]
        colours[1:][(ranges[:, 0] >= start) & (ranges[:, 1] <= stop), 3] = 0
    return colours[lookup(hierarchy, cut)]


def _kept_apart(hierarchy: Hierarchy) -> Colours:
    """OKLab (2K−1, 3) with the first splits filled in, from the highest down."""
    lab = np.zeros((len(hierarchy.parents), 3))
    palette = Palette()
    lab[hierarchy.root] = palette.use(CALM)
    for node in range(hierarchy.root, _lowest_kept_apart(hierarchy) - 1, -1):
        lab[hierarchy.heirs[node]] = lab[node]
        offshoot = palette.use(WARM) if node == hierarchy.root else palette.offshoot_of(lab[node])
        lab[hierarchy.offshoots[node]] = offshoot
    return lab


def _lowest_kept_apart(hierarchy: Hierarchy) -> int:
    return max(hierarchy.n_leaves, hierarchy.root - KEPT_APART + 2)


def _shade_the_rest(hierarchy: Hierarchy, lab: Colours) -> None:
    shades: list[list[float]] = lab.tolist()
    heirs, offshoots = hierarchy.heirs.tolist(), hierarchy.offshoots.tolist()
    for node in range(_lowest_kept_apart(hierarchy) - 1, hierarchy.n_leaves - 1, -1):
        shades[heirs[node]] = shades[node]
        shades[offshoots[node]] = _shade(shades[node], odd=bool(node % 2))
    lab[:] = shades


def _shade(origin: list[float], odd: bool) -> list[float]:
    """The colour turned a little one way or the other, lighter or darker, whichever stays within range."""
    lightness, a, b = origin
    low, high = LIGHTNESS_RANGE
    step = LIGHTNESS_STEP if odd else -LIGHTNESS_STEP
    if not low <= lightness + step <= high:
        step = -step
    angle = HUE_STEP if odd else -HUE_STEP
    return [lightness + step, a * cos(angle) - b * sin(angle), a * sin(angle) + b * cos(angle)]
