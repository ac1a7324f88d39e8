"""Where the nodes of a tree lie among its leaves in a chart, and which of them are joined there."""

import numpy as np
import numpy.typing as npt

from napari_hypseg.geometry.space_form import Array, SpaceForm
from napari_hypseg.hierarchy.cuts import Cut, cut_at
from napari_hypseg.hierarchy.tree import Hierarchy

MAX_REGIONS = 64
"""Regions down to which the tree is drawn: more lines hide the points."""


def node_centroids(tree: Hierarchy, space: SpaceForm, points: Array, nodes: npt.NDArray[np.integer]) -> Array:
    """Means (n, d + 1) of the leaves below each of `nodes` (n,), weighted by their voxels.

    Parameters
    ----------
    points
        float64 (K, d + 1): the leaves in `space`.
    """
    weights = np.maximum(tree.sizes[: tree.n_leaves], 1)[tree.leaf_order, None]
    sums = np.concatenate([np.zeros((1, points.shape[1])), np.cumsum(weights * points[tree.leaf_order], axis=0)])
    starts, stops = tree.ranges[nodes].T
    return space.normalised(sums[stops] - sums[starts])


def edges_above(tree: Hierarchy, cut: Cut, most: int = MAX_REGIONS) -> npt.NDArray[np.int64]:
    """Parent and child (m, 2) of every edge from the root down to the regions of a cut.

    Of a cut into more than `most` regions only the edges down to the cut into that many are given.
    """
    if cut.n_regions > most:
        cut = cut_at(tree, most)
    found: dict[int, int] = {}
    for node in cut.nodes:
        while node != tree.root and node not in found:
            found[node] = parent = int(tree.parents[node])
            node = parent
    return np.array([[parent, child] for child, parent in found.items()], dtype=np.int64).reshape(-1, 2)
