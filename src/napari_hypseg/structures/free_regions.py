"""What of the regions of a cut is in no structure: the regions that are seen beside the structures, and how large."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from napari_hypseg.hierarchy.cuts import Cut
from napari_hypseg.hierarchy.tree import Hierarchy


@dataclass(frozen=True, eq=False)
class FreeRegions:
    """Regions, the largest first.

    Parameters
    ----------
    nodes
        int64 (n,): their nodes.
    voxels
        int64 (n,): voxels of their leaves that are in no structure.
    leaves
        int64 (n,): one such leaf of each, whose colour is that of the region.
    """

    nodes: npt.NDArray[np.int64]
    voxels: npt.NDArray[np.int64]
    leaves: npt.NDArray[np.int64]


def free_regions(tree: Hierarchy, cut: Cut, free: npt.NDArray[np.bool_]) -> FreeRegions:
    """The regions of `cut` that hold a leaf of `free` (bool, K); regions that lie in structures are left out."""
    nodes = np.array(list(cut.nodes), dtype=np.int64)
    order = np.asarray(tree.leaf_order, dtype=np.int64)
    drawn = free[order]
    counts = np.concatenate([[0], np.cumsum(drawn)])
    sizes = np.concatenate([[0], np.cumsum(np.where(drawn, tree.sizes[: tree.n_leaves][order], 0))])
    start, stop = tree.ranges[nodes].T.astype(np.int64)
    (seen,) = np.nonzero(counts[stop] > counts[start])
    nodes, start, stop = nodes[seen], start[seen], stop[seen]
    (places,) = np.nonzero(drawn)
    first = order[places[counts[start]]] if len(places) else np.zeros(0, dtype=np.int64)
    voxels = sizes[stop] - sizes[start]
    largest = np.lexsort((nodes, -voxels))
    return FreeRegions(nodes[largest], voxels[largest], first[largest])
