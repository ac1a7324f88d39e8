"""Words: what the contexts of leaves are told in, the leaves themselves while they are few."""

import numpy as np
import numpy.typing as npt

from napari_hypseg.hierarchy.build import building_hierarchy
from napari_hypseg.hierarchy.cuts import cut_at, lookup
from napari_hypseg.hierarchy.metric import Array, Metric
from napari_hypseg.jobs import Job

MOST_WORDS = 256
"""Contexts of thousands of words would hold more numbers than voxels tell apart."""


def words_of(points: Array, sizes: npt.NDArray[np.int64], metric: Metric) -> Job[npt.NDArray[np.int64]]:
    """The word int64 (K,) of each leaf, from 0 to min(K, 256) − 1: beyond 256 leaves a cut of Ward's tree.

    Parameters
    ----------
    points
        float32 (K, d); the leaves on the manifold of `metric`.
    sizes
        int64 (K,); voxels of each leaf, 0 allowed.
    metric
        Distances and means of the manifold.
    """
    if len(points) <= MOST_WORDS:
        return np.arange(len(points))
    tree = yield from building_hierarchy(points.astype(np.float32), sizes, metric, "ward")
    return lookup(tree, cut_at(tree, MOST_WORDS))[1:].astype(np.int64) - 1
