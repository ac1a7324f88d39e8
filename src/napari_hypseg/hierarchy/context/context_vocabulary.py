"""The vocabulary of contexts: the leaves themselves while they are few, else groups of leaves."""

import numpy as np
import numpy.typing as npt

from napari_hypseg.geometry.metric import Array, Metric
from napari_hypseg.hierarchy.agglomeration.build import build_hierarchy_job
from napari_hypseg.hierarchy.cuts import cut_at, lookup
from napari_hypseg.jobs import Job

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MAX_WORDS = 256
"""Contexts over thousands of words would have more entries than the voxels can determine."""
SHARED_WORDS = 16
"""Of several specimens: many words name leaves of one of them alone, and the contexts of others have none of these."""
KERNEL_SCALE = 0.05
"""Squared distance, relative to the median over words, at which the smoothing kernel falls to 1/e."""


def context_vocabulary(points: Array, sizes: npt.NDArray[np.int64], metric: Metric, most: int = MAX_WORDS) -> Job[Ints]:
    """The context word int64 (K,) of each leaf, 0 … min(K, `most`) − 1; of more leaves than words a cut of Ward's tree.

    Parameters
    ----------
    points
        float32 (K, d); the leaves on the manifold of `metric`.
    sizes
        int64 (K,); voxels of each leaf, 0 allowed.
    metric
        Distances and means of the manifold.
    most
        Words.
    """
    if len(points) <= most:
        return np.arange(len(points))
    tree = yield from build_hierarchy_job(points.astype(np.float32), sizes, metric, "ward")
    return lookup(tree, cut_at(tree, most))[1:].astype(np.int64) - 1


def smooth_contexts(
    contexts: Floats, points: Array, sizes: npt.NDArray[np.int64], words: Ints, metric: Metric
) -> Floats:
    """Contexts smoothed over words with similar features.

    Leaves differ by position as well; without smoothing two halves of a homogeneous whole, each next to leaves of its
    own, would have disjoint contexts.

    Parameters
    ----------
    contexts
        float64 (K, n·W); distributions of words side by side, as from `co_occurrence`.
    points, sizes, words, metric
        As in `context_vocabulary`, and what it returned.
    """
    centres = _word_centroids(points, sizes, words, metric)
    squares = np.square(metric.pairwise(centres, centres).astype(np.float64))
    usual = float(np.median(squares[np.triu_indices(len(squares), 1)])) if len(squares) > 1 else 0.0
    kernel = np.exp(-squares / (KERNEL_SCALE * usual or 1.0))
    kernel /= kernel.sum(axis=1, keepdims=True)
    return np.concatenate([part @ kernel for part in np.split(contexts, contexts.shape[1] // len(kernel), axis=1)], 1)


def _word_centroids(points: Array, sizes: npt.NDArray[np.int64], words: Ints, metric: Metric) -> Array:
    """(W, d) the mean of each word's leaves, weighted by voxels."""
    weights = np.maximum(sizes, 1).astype(np.float32)
    members = [words == word for word in range(int(words.max()) + 1)]
    return np.concatenate([metric.centroid(points[None, here], weights[None, here]) for here in members])
