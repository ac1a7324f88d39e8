"""A colour for every node of the tree, such that a step of the slider never looks like a reshuffle.

The larger child of a node keeps the node's colour; the smaller one gets a shade of it. From one cut to the next one
part of one region changes its colour, and nothing else. The regions of the slider's range are kept apart for normal and
colour-blind vision by `Palette`; below that, smaller children differ from their parent by small steps in lightness and
hue. Further trees over the same leaves take over the colours that regions have in the first one.
"""

from collections.abc import Mapping
from functools import lru_cache
from math import cos, radians, sin
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from napari_hypseg.hierarchy.colour.oklab import into_gamut, to_srgb
from napari_hypseg.hierarchy.colour.palette import CALM, WARM, Palette
from napari_hypseg.hierarchy.cuts import Cut, lookup_of_nodes, region_nodes
from napari_hypseg.hierarchy.leaf_sets import leaf_set_keys
from napari_hypseg.hierarchy.tree import Hierarchy

Table = npt.NDArray[np.float32]
Lab: TypeAlias = list[float]

N_DISTINCT = 64
LIGHTNESS_STEP = 0.07
LIGHTNESS_RANGE = (0.58, 0.9)
HUE_STEP = radians(18)


@lru_cache(maxsize=8)
def node_colours(hierarchy: Hierarchy) -> Table:
    """float32 (2K−1, 4), read-only: sRGB and alpha of every node in [0, 1]; computed once for each tree."""
    by_number = np.ones((hierarchy.n_leaves, 4), dtype=np.float32)
    by_number[:, :3] = to_srgb(into_gamut(np.array(_lab_by_number(hierarchy))))
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


@lru_cache(maxsize=8)
def _lab_by_number(hierarchy: Hierarchy) -> tuple[Lab, ...]:
    """OKLab of each region number, from 1."""
    known = {} if hierarchy.first is None else _from_first(hierarchy, hierarchy.first)
    origins = hierarchy.origins.tolist()
    lab = _distinct(origins[: N_DISTINCT - 1], known)
    for number, origin in enumerate(origins[len(lab) - 1 :], start=len(lab) + 1):
        lab.append(known.get(number) or _shade(lab[origin - 1], odd=bool(number % 2)))
    return tuple(lab)


def _from_first(hierarchy: Hierarchy, first: Hierarchy) -> dict[int, Lab]:
    """OKLab, by number, of regions whose largest node is in the first tree as well.

    All nodes of a number have one colour, which has to be that of the largest that both trees have; a leaf, which they
    have always, counts only where it is the whole of a region.
    """
    colours, numbers = _lab_by_number(first), first.numbers.tolist()
    there = {key: node for node, key in enumerate(leaf_set_keys(first).tolist())}
    keys, found, seen = leaf_set_keys(hierarchy).tolist(), dict[int, Lab](), set[int]()
    for node, number in reversed(list(enumerate(hierarchy.numbers.tolist()))):
        is_region = node >= hierarchy.n_leaves or number not in seen
        if is_region and number not in found and keys[node] in there:
            found[number] = colours[numbers[there[keys[node]]] - 1]
        seen.add(number)
    return found


def _distinct(origins: list[int], known: Mapping[int, Lab]) -> list[Lab]:
    """OKLab of the regions with the lowest numbers, the first of them and those that break off from `origins`.

    Parameters
    ----------
    known
        OKLab of numbers whose colour is given; the others stay apart from these.
    """
    palette = Palette()
    for number in range(1, len(origins) + 2):
        if number in known:
            palette.use(np.array(known[number]))
    colours = [np.array(known[1]) if 1 in known else palette.use(CALM)]
    for number, origin in enumerate(origins, start=2):
        if number in known:
            colours.append(np.array(known[number]))
        elif number == 2 and not known:
            colours.append(palette.use(WARM))
        else:
            colours.append(palette.smaller_child_of(colours[origin - 1]))
    return [colour.tolist() for colour in colours]


def _shade(origin: Lab, odd: bool) -> Lab:
    """The colour turned a little one way or the other, lighter or darker, whichever stays within range."""
    lightness, a, b = origin
    low, high = LIGHTNESS_RANGE
    step = LIGHTNESS_STEP if odd else -LIGHTNESS_STEP
    if not low <= lightness + step <= high:
        step = -step
    angle = HUE_STEP if odd else -HUE_STEP
    return [lightness + step, a * cos(angle) - b * sin(angle), a * sin(angle) + b * cos(angle)]
