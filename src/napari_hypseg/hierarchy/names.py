"""Short names that say where in the tree a region stands.

A name is the line of region numbers it broke off from, so that "3.7" is region 7, which broke off from region 3. Region
1 is what everything broke off from; it is left out of longer names: "3", not "1.3". The last number is the region's id
in a cut of the slider. As a line grows only where the smaller part leaves the bigger one, names stay short, and
a region keeps its name when something breaks off from it.
"""

from napari_hypseg.hierarchy.cuts import Cut, region_nodes, split_at
from napari_hypseg.hierarchy.tree import Hierarchy


def node_name(hierarchy: Hierarchy, node: int) -> str:
    """Name of `node`; two nodes share it only if one is what is left of the other, so never within a cut."""
    # Region k + 1 broke off when the node split_at(k) split.
    line = [int(hierarchy.numbers[node])]
    while line[-1] != 1:
        line.append(int(hierarchy.numbers[split_at(hierarchy, line[-1] - 1)]))
    return ".".join(str(number) for number in reversed(line[:-1] or line))


def region_names(hierarchy: Hierarchy, cut: Cut) -> dict[int, str]:
    """Name of each region id of the cut, 1 to k."""
    nodes = region_nodes(hierarchy, cut).tolist()
    return {i: node_name(hierarchy, node) for i, node in enumerate(nodes, start=1)}
