"""What is selected: leaves, and the node that the last click stands at, which can be walked up and down the tree."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from napari_hypseg.hierarchy.cuts import Cut
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.structures.local_cut import ancestors

Leaves = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Selection:
    """Leaves that were selected by clicks.

    Parameters
    ----------
    tree
        Name of the tree that is walked.
    before
        bool (K,): what was selected before the last click.
    leaf
        The leaf that was clicked last.
    node
        Node of the tree above it that the click stands for.
    adds
        Whether the click adds the node or takes it away.
    """

    tree: str
    before: Leaves
    leaf: int
    node: int
    adds: bool = True

    @classmethod
    def click(cls, tree: str, hierarchy: Hierarchy, leaf: int, node: int) -> "Selection":
        """A node above the leaf that was clicked, and nothing else."""
        return cls(tree, np.zeros(hierarchy.n_leaves, dtype=bool), leaf, node)

    def leaves(self, hierarchy: Hierarchy) -> Leaves:
        """All leaves that are selected, bool (K,)."""
        chosen = self.before.copy()
        chosen[hierarchy.leaves_of(self.node)] = self.adds
        return chosen

    def added(self, hierarchy: Hierarchy, leaf: int, node: int) -> "Selection":
        """With another node."""
        return replace(self, before=self.leaves(hierarchy), leaf=leaf, node=node, adds=True)

    def taken_away(self, hierarchy: Hierarchy, leaf: int, node: int) -> "Selection":
        """Without a node."""
        return replace(self, before=self.leaves(hierarchy), leaf=leaf, node=node, adds=False)

    def path(self, hierarchy: Hierarchy) -> list[int]:
        """The nodes above the voxel that was clicked, from its leaf to the root."""
        return ancestors(hierarchy, self.leaf)

    def walked(self, hierarchy: Hierarchy, steps: int) -> "Selection":
        """That many nodes up the tree, or for negative `steps` down towards the voxel clicked; stops at either end."""
        path = self.path(hierarchy)
        place = min(max(path.index(self.node) + steps, 0), len(path) - 1)
        return replace(self, node=path[place])

    def describe(self, hierarchy: Hierarchy, share: float, words: str) -> str:
        """The status line: how far up the tree it stands, and how much is selected."""
        path = self.path(hierarchy)
        return f"node {path.index(self.node) + 1} of {len(path)} above this voxel, {words}, {share:.1%} of the sample"


def region_above(hierarchy: Hierarchy, cut: Cut, leaf: int) -> int:
    """The node of the cut that a leaf lies in."""
    nodes = frozenset(cut.nodes)
    return next((node for node in ancestors(hierarchy, leaf) if node in nodes), leaf)


def covering_nodes(hierarchy: Hierarchy, leaves: Leaves) -> tuple[int, ...]:
    """The fewest nodes that hold exactly these leaves (bool, K)."""
    counts = np.concatenate([[0], np.cumsum(leaves[hierarchy.leaf_order])])
    start, stop = hierarchy.ranges.T
    whole = counts[stop] - counts[start] == stop - start
    top = whole & ~whole[hierarchy.parents]
    top[hierarchy.root] = whole[hierarchy.root]
    return tuple(np.flatnonzero(top).tolist())
