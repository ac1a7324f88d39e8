"""Trees to test with, from SciPy's agglomerative clustering: quick, and independent of the package's own linkages."""

import numpy as np
from scipy.cluster.hierarchy import linkage

from napari_hypseg.hierarchy.tree import Hierarchy


def scipy_tree(points, sizes, method="average"):
    """The tree over `points` (K, d), float32, with `sizes` (K,) voxels, by a linkage of SciPy."""
    n = len(points)
    parents = np.full(2 * n - 1, 2 * n - 2, dtype=np.int32)
    altitudes, sums = np.zeros(2 * n - 1, dtype=np.float32), [*map(int, sizes), *[0] * (n - 1)]
    for node, (first, second, height, _) in enumerate(linkage(points, method) if n > 1 else (), start=n):
        pair = [int(first), int(second)]
        parents[pair], altitudes[node], sums[node] = node, height, sum(sums[child] for child in pair)
    return Hierarchy(parents, altitudes, np.array(sums, dtype=np.int64), np.asarray(points, dtype=np.float32))


def split_at(tree, k):
    """The node that splits in two when `k` regions of `cut_at` become k + 1."""
    return tree.root - k + 1
