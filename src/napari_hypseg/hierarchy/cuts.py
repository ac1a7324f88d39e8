"""Cuts through the tree: every number of regions from one stored linkage, each refining the one before."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import SettingError
from napari_hypseg.hierarchy.tree import PARTS, Hierarchy


@dataclass(frozen=True)
class Cut:
    """An antichain of the tree: nodes none of which lies below another.

    Parameters
    ----------
    nodes
        Node numbers, ascending.
    tree
        Name of the tree.
    """

    nodes: tuple[int, ...]
    tree: str = PARTS

    @property
    def n_regions(self) -> int:
        """Number of regions."""
        return len(self.nodes)


def check_n_regions(hierarchy: Hierarchy, k: int) -> None:
    """Make sure that there is a cut into `k` regions.

    Raises
    ------
    SettingError
        If `k` is not between 1 and the number of leaves.
    """
    if not 1 <= k <= hierarchy.n_leaves:
        raise SettingError(f"{k} regions cannot be had; choose a number from 1 to {hierarchy.n_leaves} (the leaves).")


def cut_at(hierarchy: Hierarchy, k: int) -> Cut:
    """The cut into `k` regions: what is left when the k − 1 highest merges are undone.

    The cut into k + 1 regions splits exactly one region of it, the node ``root − k + 1``.

    Raises
    ------
    SettingError
        If `k` is not between 1 and the number of leaves.
    """
    check_n_regions(hierarchy, k)
    if k == 1:
        return Cut((hierarchy.root,), hierarchy.name)
    first_undone = hierarchy.root - k + 2
    nodes = np.flatnonzero(hierarchy.parents[:first_undone] >= first_undone)
    return Cut(tuple(nodes.tolist()), hierarchy.name)


def fewest_regions_with(hierarchy: Hierarchy, node: int) -> int:
    """The fewest regions of `cut_at` among which `node` is one: as many as there are once its parent is divided."""
    return 1 if node == hierarchy.root else hierarchy.root - int(hierarchy.parents[node]) + 2


def checked_cut(hierarchy: Hierarchy, nodes: tuple[int, ...]) -> Cut:
    """A cut of any nodes, for instance of a kept level read from a file.

    Raises
    ------
    SettingError
        If there is no such node, or one lies below another.
    """
    ordered = tuple(sorted(nodes))
    if not ordered or ordered[0] < 0 or ordered[-1] > hierarchy.root:
        raise SettingError(f"A cut needs node numbers from 0 to {hierarchy.root}, not {list(nodes[:3])}.")
    ranges = hierarchy.ranges[list(ordered)]
    ranges = ranges[np.argsort(ranges[:, 0], kind="stable")]
    if (ranges[1:, 0] < ranges[:-1, 1]).any():
        raise SettingError("A cut cannot hold a region together with a part of it; leave one of the two out.")
    return Cut(ordered, hierarchy.name)


def region_nodes(hierarchy: Hierarchy, cut: Cut) -> npt.NDArray[np.int32]:
    """int32 (k,): the node of each region id from 1 to k.

    Ids follow `Hierarchy.numbers`; in a cut of `cut_at` they are these numbers, so that a region keeps its id while
    the slider moves and only the smaller part of a split gets a new one, k + 1.
    """
    nodes = np.array(cut.nodes, dtype=np.int32)
    # Numbers fit 16 bits, which NumPy sorts by radix: ten times faster with 65 535 of them.
    return nodes[np.argsort(hierarchy.numbers[nodes].astype(np.uint16), kind="stable")]


def lookup(hierarchy: Hierarchy, cut: Cut) -> npt.NDArray[np.uint16]:
    """uint16 (K+1,): region id, 1 to k, of every value of the leaf-id volume; 0, outside, stays 0.

    Leaves below no node of the cut get 0 as well.
    """
    return lookup_of_nodes(hierarchy, region_nodes(hierarchy, cut))


def lookup_of_nodes(hierarchy: Hierarchy, nodes: npt.NDArray[np.int32]) -> npt.NDArray[np.uint16]:
    """As `lookup`, of the regions whose `nodes` (k,) are known in the order of their ids, as from `region_nodes`."""
    ranges = hierarchy.ranges[nodes]
    # Ids rise where a region's leaves begin and fall where they end; the running sum is the id at every place.
    steps = np.zeros(hierarchy.n_leaves + 1, dtype=np.int32)
    ids = np.arange(1, len(ranges) + 1, dtype=np.int32)
    steps[ranges[:, 0]] = ids
    steps[ranges[:, 1]] -= ids
    table = np.zeros(hierarchy.n_leaves + 1, dtype=np.uint16)
    table[1 + hierarchy.leaf_order] = np.cumsum(steps[:-1])
    return table
