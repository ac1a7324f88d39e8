"""Where the branches of a merge tree are drawn, and which of them lies under a point.

The height of a merge is its rank, on a logarithmic scale of the number of regions: a horizontal line is then a cut, and
the scale beside it reads "regions". Only the highest merges are drawn, and what was opened by hand; what lies below
such a branch is one wedge, so that any number of leaves stays fluid.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from napari_hypseg.hierarchy.tree import NO_NODE, Hierarchy

MAX_MERGES = 200
"""Merges that are drawn, the highest first."""

Floats = npt.NDArray[np.float64]
Nodes = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Dendrogram:
    """Places of the m nodes that are drawn, the root first and each parent before its children.

    Depth grows downwards from 0. The stem of a node runs from `top` to `depth`, at `x`; at `depth` a bar joins the
    stems of its children. A node without drawn children is a tip: a wedge from `depth` down to `floor`, or the stem of
    a leaf, which ends there.

    Parameters
    ----------
    nodes
        int64 (m,): node numbers.
    children
        int64 (m, 2): indices into `nodes`, the larger child first; −1 for tips.
    x, left, right
        float64 (m,): place of the stem, and the range that all below takes, in [0, 1]; leaves run in `leaf_order`.
    top, depth
        float64 (m,): depth of the parent's bar (0 for the root) and of the node's own.
    floor
        Depth of the leaves.
    """

    nodes: Nodes
    children: Nodes
    x: Floats
    left: Floats
    right: Floats
    top: Floats
    depth: Floats
    floor: float

    @property
    def tips(self) -> npt.NDArray[np.bool_]:
        """Bool (m,): what has no drawn children."""
        return np.asarray(self.children[:, 0] == NO_NODE)

    def node_at(self, x: float, depth: float) -> int | None:
        """The node of the branch at a place; None beside the tree.

        It is the region that holds `x` in the cut at that depth, or the wedge there.
        """
        end = np.where(self.tips, np.inf, self.depth)
        hit = (self.left <= x) & (x < self.right) & (self.top <= depth) & (depth < end)
        return int(self.nodes[np.argmax(hit)]) if hit.any() else None

    def index_of(self, node: int) -> int | None:
        """Where in `nodes` a node is, None if it is not drawn."""
        found = np.flatnonzero(self.nodes == node)
        return int(found[0]) if len(found) else None


def depth_of_cut(n_regions: int) -> float:
    """Depth of the line that cuts the tree into `n_regions`: below the merges that are undone, above all others."""
    return float(np.log2(n_regions))


def regions_at_depth(depth: float, fewest: int, most: int) -> int:
    """The number of regions of the line at a depth, kept between `fewest` and `most`."""
    return min(max(round(math.exp2(depth)), fewest), most)


def lay_out(tree: Hierarchy, opened: Iterable[int] = (), max_merges: int = MAX_MERGES) -> Dendrogram:
    """Place the highest merges of a tree, and those that lead to the nodes in `opened`.

    Parameters
    ----------
    tree
        The tree.
    opened
        Nodes whose children are to be drawn.
    max_merges
        Merges that are drawn beside these.
    """
    drawn = _drawn_merges(tree, opened, max_merges)
    nodes, parents = _from_the_root(tree, drawn)
    depth = np.log2(tree.root - nodes + 1.5)
    floor = float(np.log2(tree.n_leaves + 0.5))
    depth[nodes < tree.n_leaves] = floor
    children = _children(parents)
    left, right, x = _places(tree, nodes, children)
    top = np.where(parents < 0, 0, depth[parents])
    return Dendrogram(nodes, children, x, left, right, top, depth, floor)


def _drawn_merges(tree: Hierarchy, opened: Iterable[int], max_merges: int) -> set[int]:
    """Merges whose children are drawn; all above one are among them."""
    drawn = set(range(max(tree.n_leaves, tree.root - max_merges + 1), tree.root + 1))
    for node in opened:
        while node >= tree.n_leaves and node not in drawn:
            drawn.add(node)
            node = int(tree.parents[node])
    return drawn


def _from_the_root(tree: Hierarchy, drawn: set[int]) -> tuple[Nodes, Nodes]:
    """The nodes, parents first, and the index of each node's parent (−1 for the root)."""
    nodes, parents = [tree.root], [NO_NODE]
    for index, node in enumerate(nodes):  # grows meanwhile
        if node in drawn:
            nodes += [int(tree.larger_children[node]), int(tree.smaller_children[node])]
            parents += [index, index]
    return np.array(nodes, dtype=np.int64), np.array(parents, dtype=np.int64)


def _children(parents: Nodes) -> Nodes:
    children = np.full((len(parents), 2), NO_NODE, dtype=np.int64)
    first = np.arange(1, len(parents), 2)  # children were added in pairs
    children[parents[first]] = np.stack([first, first + 1], axis=1)
    return children


def _places(tree: Hierarchy, nodes: Nodes, children: Nodes) -> tuple[Floats, Floats, Floats]:
    """Left end, right end and stem of every node; a tip is the wider the more leaves it holds, but slowly so."""
    starts, stops = tree.ranges[nodes].T
    tips = np.flatnonzero(children[:, 0] == NO_NODE)
    tips = tips[np.argsort(starts[tips])]
    ends = np.concatenate([[0.0], np.cumsum(1 + np.log2(stops[tips] - starts[tips]))])
    ends /= ends[-1]
    first = np.searchsorted(starts[tips], starts)
    last = np.searchsorted(starts[tips], stops)
    left, right = ends[first], ends[last]
    x = (left + right) / 2
    for index in range(len(nodes) - 1, -1, -1):
        if children[index, 0] != NO_NODE:
            x[index] = x[children[index]].mean()
    return left, right, x
