"""The merge tree over the leaves: arrays, not node objects, computed once and never changed."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import ProjectError

NO_NODE = -1
PARTS = "parts"
"""Name of the tree of what is part of what; it is the first, and always there."""
KINDS = "kinds"
"""Name of the tree of what is of one kind."""


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """A binary merge tree over K leaves.

    Nodes are numbered 0 … 2K−2: the leaves first, then the merges from the lowest altitude to the highest; the root is
    the last. In a leaf-id volume, leaf *i* has the value *i* + 1 and 0 is outside.

    Of the two children of a node the larger inherits the number, name and colour of its parent (of equal sizes the one
    with the lower node number), so that a split changes as little of the picture as possible.

    Parameters
    ----------
    parents
        int32 (2K−1,); the root's parent is the root itself.
    altitudes
        float32 (2K−1,); height at which a node was formed, 0 for leaves, never decreasing along a path to the root.
    sizes
        int64 (2K−1,); voxels of a node over all specimens.
    points
        float32 (K, d); where the leaves lie on the manifold.
    name
        Of the tree among those over its leaves.
    first
        The first tree over these leaves, with which this one shares colours; None for that tree itself.
    """

    parents: npt.NDArray[np.int32]
    altitudes: npt.NDArray[np.float32]
    sizes: npt.NDArray[np.int64]
    points: npt.NDArray[np.float32]
    name: str = PARTS
    first: "Hierarchy | None" = None

    @property
    def n_leaves(self) -> int:
        """Number of leaves K."""
        return (len(self.parents) + 1) // 2

    @property
    def root(self) -> int:
        """Number of the root node."""
        return len(self.parents) - 1

    @cached_property
    def children(self) -> npt.NDArray[np.int32]:
        """int32 (2K−1, 2): the two children of each node, the lower number first, −1 for leaves."""
        children = np.full((len(self.parents), 2), NO_NODE, dtype=np.int32)
        # Every merge has two children, so sorting the nodes by parent lines them up in pairs.
        children[self.n_leaves :] = np.argsort(self.parents[:-1], kind="stable").reshape(-1, 2)
        return children

    @cached_property
    def larger_children(self) -> npt.NDArray[np.int32]:
        """int32 (2K−1,): the larger child of each node, −1 for leaves."""
        first, second = self.children.T
        return np.asarray(np.where(self.sizes[first] >= self.sizes[second], first, second))

    @cached_property
    def smaller_children(self) -> npt.NDArray[np.int32]:
        """int32 (2K−1,): the smaller child of each node, −1 for leaves."""
        first, second = self.children.T
        return np.asarray(np.where(self.sizes[first] >= self.sizes[second], second, first))

    @cached_property
    def numbers(self) -> npt.NDArray[np.int32]:
        """int32 (2K−1,): the region number of each node, from 1.

        The root is 1, the larger child keeps its parent's number, and the smaller child that appears when k regions
        become k + 1 is k + 1. The cut into k regions therefore holds exactly the numbers 1 … k, and a region keeps its
        number from one cut to the next.
        """
        larger_children, smaller_children = self.larger_children.tolist(), self.smaller_children.tolist()
        numbers = [1] * len(self.parents)
        for node in range(self.root, self.n_leaves - 1, -1):
            numbers[larger_children[node]] = numbers[node]
            numbers[smaller_children[node]] = self.root - node + 2
        return np.array(numbers, dtype=np.int32)

    @property
    def origins(self) -> npt.NDArray[np.int32]:
        """int32 (K−1,): the number of the region from which region 2, 3, … K breaks off, each lower than its own."""
        return self.numbers[self.n_leaves :][::-1]

    @cached_property
    def ranges(self) -> npt.NDArray[np.int32]:
        """int32 (2K−1, 2): half-open range of each node's leaves in `leaf_order`."""
        children = self.children.tolist()
        counts = [1] * len(self.parents)
        for node in range(self.n_leaves, len(children)):
            first, second = children[node]
            counts[node] = counts[first] + counts[second]
        starts = [0] * len(self.parents)
        larger_children, smaller_children = self.larger_children.tolist(), self.smaller_children.tolist()
        for node in range(self.root, self.n_leaves - 1, -1):
            starts[larger_children[node]] = starts[node]
            starts[smaller_children[node]] = starts[node] + counts[larger_children[node]]
        begin = np.array(starts, dtype=np.int32)
        return np.stack([begin, begin + np.array(counts, dtype=np.int32)], axis=1)

    @cached_property
    def leaf_order(self) -> npt.NDArray[np.int32]:
        """int32 (K,): the leaves depth first, larger children first, so that those of a node are consecutive."""
        order = np.empty(self.n_leaves, dtype=np.int32)
        order[self.ranges[: self.n_leaves, 0]] = np.arange(self.n_leaves, dtype=np.int32)
        return order

    def leaves_of(self, node: int) -> npt.NDArray[np.int32]:
        """int32 (n,): the leaves below `node`, ascending; a leaf is its own."""
        start, stop = self.ranges[node]
        return np.sort(self.leaf_order[start:stop])

    def check(self) -> None:
        """Make sure that arrays read from a file are a tree.

        Raises
        ------
        ProjectError
            If they are not.
        """
        if not (self._shapes_fit() and self._is_binary() and self._is_monotone()):
            raise ProjectError("The tree of regions is damaged; run the segmentation again to rebuild it.")

    def _shapes_fit(self) -> bool:
        n = self.parents.size
        shapes = self.parents.shape == self.altitudes.shape == self.sizes.shape == (n,)
        return shapes and n % 2 == 1 and self.points.ndim == 2 and len(self.points) == self.n_leaves

    def _is_binary(self) -> bool:
        below = self.parents[:-1]
        upwards = bool((below > np.arange(self.root)).all()) and int(self.parents[-1]) == self.root
        n_children = np.bincount(below, minlength=len(self.parents)) if upwards else np.zeros(0)
        expected = np.where(np.arange(len(self.parents)) < self.n_leaves, 0, 2)
        return upwards and np.array_equal(n_children, expected)

    def _is_monotone(self) -> bool:
        sums = np.zeros_like(self.sizes)
        np.add.at(sums, self.parents[:-1], self.sizes[:-1])
        adds_up = np.array_equal(sums[self.n_leaves :], self.sizes[self.n_leaves :])
        merged = self.altitudes[self.n_leaves :]
        return adds_up and bool((np.diff(merged) >= 0).all()) and bool((self.altitudes[: self.n_leaves] == 0).all())
