"""Short names that say where in the tree a region stands.

A name is the line of region numbers it broke off from, so that "3.7" is region 7, which broke off from region 3. Region
1 is what everything broke off from; it is left out of longer names: "3", not "1.3". The last number is the region's id
in a cut of the slider. As a line grows only where the smaller part leaves the bigger one, names stay short, and
a region keeps its name when something breaks off from it.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from napari_hypseg.hierarchy.cuts import Cut, region_nodes
from napari_hypseg.hierarchy.tree import Hierarchy


def region_names(hierarchy: Hierarchy, cut: Cut) -> dict[int, str]:
    """Name of each region id of the cut, 1 to k.

    Two nodes share a name only if one is what is left of the other, so never within a cut.
    """
    return names_of_nodes(hierarchy, region_nodes(hierarchy, cut))


def names_of_nodes(hierarchy: Hierarchy, nodes: npt.NDArray[np.int32]) -> dict[int, str]:
    """As `region_names`, of the regions whose `nodes` (k,) are known in the order of their ids."""
    names = _names(hierarchy)
    numbers = hierarchy.numbers[nodes].tolist()
    return {i: names[number - 1] for i, number in enumerate(numbers, start=1)}


@lru_cache(maxsize=8)
def _names(hierarchy: Hierarchy) -> tuple[str, ...]:
    """Name of each region number from 1 to K; a slider step only picks from them."""
    names = ["1"]
    for origin in hierarchy.origins.tolist():
        number = str(len(names) + 1)
        names.append(number if origin == 1 else f"{names[origin - 1]}.{number}")
    return tuple(names)
