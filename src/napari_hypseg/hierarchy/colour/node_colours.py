"""A colour for every node of the tree, such that a step of the slider never looks like a reshuffle.

The larger child of a node keeps the node's colour; the smaller one gets a shade of it. From one cut to the next one
part of one region changes its colour, and nothing else. The regions of the slider's range are kept apart for normal and
colour-blind vision by `Palette`; below that, smaller children differ from their parent by small steps in lightness and
hue.
"""

from functools import lru_cache
from math import cos, radians, sin

import numpy as np
import numpy.typing as npt

from napari_hypseg.hierarchy.colour.oklab import into_gamut, to_srgb
from napari_hypseg.hierarchy.colour.palette import CALM, WARM, Palette
from napari_hypseg.hierarchy.cuts import Cut, lookup_of_nodes, region_nodes
from napari_hypseg.hierarchy.tree import Hierarchy

Table = npt.NDArray[np.float32]

N_DISTINCT = 64
LIGHTNESS_STEP = 0.07
LIGHTNESS_RANGE = (0.58, 0.9)
HUE_STEP = radians(18)


@lru_cache(maxsize=8)
def node_colours(hierarchy: Hierarchy) -> Table:
    """float32 (2K−1, 4), read-only: sRGB and alpha of every node in [0, 1]; computed once for each tree."""
    origins = hierarchy.origins.tolist()
    lab = _distinct(origins[: N_DISTINCT - 1])
    for number, origin in enumerate(origins[len(lab) - 1 :], start=len(lab) + 1):
        lab.append(_shade(lab[origin - 1], odd=bool(number % 2)))
    by_number = np.ones((hierarchy.n_leaves, 4), dtype=np.float32)
    by_number[:, :3] = to_srgb(into_gamut(np.array(lab)))
    colours = by_number[hierarchy.numbers - 1]
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
    return region_colours(hierarchy, nodes, hidden)[lookup_of_nodes(hierarchy, nodes)]


def region_colours(hierarchy: Hierarchy, nodes: npt.NDArray[np.int32], hidden: frozenset[int] = frozenset()) -> Table:
    """float32 (k+1, 4): sRGB and alpha of each region id, of `nodes` (k,) in the order of their ids; row 0 is outside.

    Parameters
    ----------
    hidden
        As in `colour_table`.
    """
    colours = np.zeros((len(nodes) + 1, 4), dtype=np.float32)
    colours[1:] = node_colours(hierarchy)[nodes]
    for node in hidden:
        start, stop = hierarchy.ranges[node]
        ranges = hierarchy.ranges[nodes]
        colours[1:][(ranges[:, 0] >= start) & (ranges[:, 1] <= stop), 3] = 0
    return colours


def _distinct(origins: list[int]) -> list[list[float]]:
    """OKLab of the regions with the lowest numbers, the first of them and those that break off from `origins`."""
    palette = Palette()
    colours = [palette.use(CALM)]
    for origin in origins:
        parent = colours[origin - 1]
        colours.append(palette.use(WARM) if len(colours) == 1 else palette.smaller_child_of(parent))
    return [colour.tolist() for colour in colours]


def _shade(origin: list[float], odd: bool) -> list[float]:
    """The colour turned a little one way or the other, lighter or darker, whichever stays within range."""
    lightness, a, b = origin
    low, high = LIGHTNESS_RANGE
    step = LIGHTNESS_STEP if odd else -LIGHTNESS_STEP
    if not low <= lightness + step <= high:
        step = -step
    angle = HUE_STEP if odd else -HUE_STEP
    return [lightness + step, a * cos(angle) - b * sin(angle), a * sin(angle) + b * cos(angle)]
