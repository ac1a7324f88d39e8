"""What is selected: leaves, and the node that the last click stands at, which can be walked up and down the trees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from napari_hypseg.hierarchy.cuts import Cut
from napari_hypseg.hierarchy.leaf_sets import TreeNode, ancestors_in_trees
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.structures.local_cut import ancestors

Leaves = npt.NDArray[np.bool_]
Trees: TypeAlias = Mapping[str, Hierarchy]
"""All trees over the leaves, by name."""


@dataclass(frozen=True, eq=False)
class Selection:
    """Leaves that were selected by clicks.

    Parameters
    ----------
    tree
        Name of the tree that `node` is one of.
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
    def click(cls, tree: Hierarchy, leaf: int, node: int) -> "Selection":
        """A node above the leaf that was clicked, and nothing else."""
        return cls(tree.name, np.zeros(tree.n_leaves, dtype=bool), leaf, node)

    def leaves(self, trees: Trees) -> Leaves:
        """All leaves that are selected, bool (K,)."""
        chosen = self.before.copy()
        chosen[trees[self.tree].leaves_of(self.node)] = self.adds
        return chosen

    def joined(self, trees: Trees, tree: str, leaf: int, node: int, adds: bool) -> "Selection":
        """With another node of a tree, or for `adds` False without it."""
        return Selection(tree, self.leaves(trees), leaf, node, adds)

    def path(self, trees: Trees) -> list[TreeNode]:
        """The nodes of all trees above the voxel that was clicked, from its leaf to the root, the smallest first."""
        return ancestors_in_trees(trees, self.leaf, self.tree)

    def walked(self, trees: Trees, steps: int) -> "Selection":
        """That many nodes up the path, or for negative `steps` down towards the voxel clicked; stops at either end."""
        further = moved(self.path(trees), TreeNode(self.tree, self.node), steps)
        return replace(self, tree=further.tree, node=further.node)

    def describe(self, trees: Trees, share: float, words: str) -> str:
        """The status line: how far up the trees it stands, of which tree the node is, and how much is selected.

        Where more, or less, is selected than the node, that comes first, and the node only if a walk would change it.
        """
        path, here = self.path(trees), TreeNode(self.tree, self.node)
        of_tree = f" ({self.tree})" if len(trees) > 1 else ""
        stands = f"node {path.index(here) + 1} of {len(path)} above this voxel{of_tree}"
        much = f"{words}, {share:.1%} of the sample"
        if self.adds and not self.before.any():
            return f"{stands}, {much}"
        count = int(self.leaves(trees).sum())
        several = f"{count} {'leaf' if count == 1 else 'leaves'}, {much}"
        if self.adds and self.before[trees[self.tree].leaves_of(self.node)].all():
            return several
        return f"{several}; {'added' if self.adds else 'taken away'} last: {stands}"


def moved(path: Sequence[TreeNode], here: TreeNode, steps: int) -> TreeNode:
    """The node so many steps further along a path; its first or last one beyond its ends."""
    return path[min(max(path.index(here) + steps, 0), len(path) - 1)]


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
