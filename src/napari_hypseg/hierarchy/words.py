"""Words: what the contexts of leaves are told in, the leaves themselves while they are few."""

import numpy as np
import numpy.typing as npt

from napari_hypseg.geometry.metric import Array, Metric
from napari_hypseg.hierarchy.build import building_hierarchy
from napari_hypseg.hierarchy.cuts import cut_at, lookup
from napari_hypseg.jobs import Job

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MOST_WORDS = 256
"""Contexts of thousands of words would hold more numbers than voxels tell apart."""
ALIKE = 0.05
"""Squared distance, relative to the median of leaves, at which a word counts 1/e of what it would count as itself."""


def words_of(points: Array, sizes: npt.NDArray[np.int64], metric: Metric) -> Job[Ints]:
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


def alike_words(contexts: Floats, points: Array, sizes: npt.NDArray[np.int64], words: Ints, metric: Metric) -> Floats:
    """Contexts in which words that look alike count as nearly the same.

    Words are told apart by where they lie as well; without this two halves of a uniform whole, each surrounded by
    leaves of its own, would have nothing in common.

    Parameters
    ----------
    contexts
        float64 (K, n·W); distributions of words side by side, as from `counting_contexts`.
    points, sizes, words, metric
        As in `words_of`, and what it returned.
    """
    centres = _centres(points, sizes, words, metric)
    squares = np.square(metric.pairwise(centres, centres).astype(np.float64))
    usual = float(np.median(squares[np.triu_indices(len(squares), 1)])) if len(squares) > 1 else 0.0
    kernel = np.exp(-squares / (ALIKE * usual or 1.0))
    kernel /= kernel.sum(axis=1, keepdims=True)
    return np.concatenate([part @ kernel for part in np.split(contexts, contexts.shape[1] // len(kernel), axis=1)], 1)


def _centres(points: Array, sizes: npt.NDArray[np.int64], words: Ints, metric: Metric) -> Array:
    """(W, d) the mean of each word's leaves, weighted by voxels."""
    weights = np.maximum(sizes, 1).astype(np.float32)
    members = [words == word for word in range(int(words.max()) + 1)]
    return np.concatenate([metric.centroid(points[None, here], weights[None, here]) for here in members])
