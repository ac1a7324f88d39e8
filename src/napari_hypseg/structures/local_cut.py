"""Regions that were opened or closed by hand: a local choice on top of the cut of the slider, until it is reset."""

from dataclasses import dataclass

import numpy as np

from napari_hypseg.errors import SettingError
from napari_hypseg.hierarchy.cuts import Cut, cut_at
from napari_hypseg.hierarchy.tree import Hierarchy


@dataclass(frozen=True)
class LocalCut:
    """What was opened and closed in one tree.

    Parameters
    ----------
    opened
        Nodes that are replaced by their children wherever the slider stands.
    closed
        Nodes that are not divided wherever the slider stands. None of them lies above an opened one.
    """

    opened: frozenset[int] = frozenset()
    closed: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.opened or self.closed)

    def check(self, tree: Hierarchy) -> None:
        """Make sure that the nodes are nodes of `tree`.

        Raises
        ------
        SettingError
            If there is no such node, or a leaf is to be opened.
        """
        for node in self.opened | self.closed:
            if not 0 <= node <= tree.root:
                raise SettingError(f"There is no node {node}; the tree has nodes 0 to {tree.root}.")
        if any(node < tree.n_leaves for node in self.opened):
            raise SettingError("A leaf is the smallest part there is and cannot be opened.")

    def open(self, tree: Hierarchy, node: int) -> "LocalCut":
        """Replace `node` by its children; what was closed above it is open again.

        Raises
        ------
        SettingError
            If it is a leaf.
        """
        above = frozenset(ancestors(tree, node))
        made = LocalCut(self.opened | {node}, self.closed - above)
        made.check(tree)
        return made

    def close(self, tree: Hierarchy, node: int) -> "LocalCut":
        """Divide `node` no further; what was opened or closed below it is forgotten."""
        start, stop = tree.ranges[node]

        def outside(other: int) -> bool:
            return not (start <= tree.ranges[other, 0] and tree.ranges[other, 1] <= stop)

        made = LocalCut(frozenset(filter(outside, self.opened)), frozenset(filter(outside, self.closed)) | {node})
        made.check(tree)
        return made


def ancestors(tree: Hierarchy, node: int) -> list[int]:
    """`node`, its parent, that one's parent, and so on up to the root."""
    path = [node]
    while path[-1] != tree.root:
        path.append(int(tree.parents[path[-1]]))
    return path


def locally_cut(tree: Hierarchy, n_regions: int, local: LocalCut) -> Cut:
    """The cut into `n_regions` with the local choices on top; an antichain that covers every leaf.

    Raises
    ------
    SettingError
        If the tree has no cut with that many regions.
    """
    cut = cut_at(tree, n_regions)
    if not local:
        return cut
    split = np.zeros(len(tree.parents), dtype=bool)
    split[tree.root - n_regions + 2 :] = n_regions > 1
    for node in local.opened:
        split[ancestors(tree, node)] = True
    for node in local.closed:
        start, stop = tree.ranges[node]
        split[(tree.ranges[:, 0] >= start) & (tree.ranges[:, 1] <= stop)] = False
    is_region = ~split & split[tree.parents]
    is_region[tree.root] = not split[tree.root]
    return Cut(tuple(np.flatnonzero(is_region).tolist()), tree.name)
