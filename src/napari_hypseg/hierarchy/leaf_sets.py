"""Which nodes of different trees hold the same leaves, and the way up from a leaf through several trees."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from napari_hypseg.hierarchy.tree import Hierarchy

SEED = 20_261


@dataclass(frozen=True)
class TreeNode:
    """A node of one of several trees.

    Parameters
    ----------
    tree
        Name of the tree.
    node
        Its number there.
    """

    tree: str
    node: int


@lru_cache(maxsize=8)
def leaf_set_keys(tree: Hierarchy) -> npt.NDArray[np.uint64]:
    """uint64 (2K−1,): the same number for nodes with the same leaves, in whatever trees over K leaves.

    The sum, modulo 2⁶⁴, of a random number for each leaf; that two sets of one project share theirs by chance has a
    probability below 10⁻⁹.
    """
    random = np.random.default_rng(SEED).integers(0, 2**64, tree.n_leaves, dtype=np.uint64)
    sums = np.zeros(tree.n_leaves + 1, dtype=np.uint64)
    np.cumsum(random[tree.leaf_order], out=sums[1:])
    start, stop = tree.ranges.T
    return np.asarray(sums[stop] - sums[start])


def ancestors_in_trees(trees: Mapping[str, Hierarchy], leaf: int, preferred: str) -> list[TreeNode]:
    """The nodes above a leaf in all trees, the smallest first, the leaf itself before all others.

    Nodes with the same leaves are there once, as one of the tree called `preferred` if it has one.
    """
    found = dict[int, dict[str, int]]()
    order = dict[int, tuple[int, int]]()
    for place, (name, tree) in enumerate(trees.items()):
        keys, node, above = leaf_set_keys(tree), leaf, -1
        while node != above:
            key = int(keys[node])
            found.setdefault(key, {})[name] = node
            order.setdefault(key, (int(tree.sizes[node]), place))  # whichever is preferred, the order is the same
            node, above = int(tree.parents[node]), node
    steps = list[TreeNode]()
    # Along the path of one tree sizes never fall, so that a stable sort keeps its order.
    for key in sorted(found, key=lambda one: order[one]):
        name = preferred if preferred in found[key] else next(iter(found[key]))
        steps.append(TreeNode(name, found[key][name]))
    return steps
