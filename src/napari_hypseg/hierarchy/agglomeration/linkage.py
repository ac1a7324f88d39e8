"""The linkages, which decide what two clusters merge next, in one registry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from napari_hypseg.geometry.metric import Array, Metric
from napari_hypseg.hierarchy.agglomeration.context_linkage import context_clusters
from napari_hypseg.hierarchy.agglomeration.global_min import global_min_merges
from napari_hypseg.hierarchy.agglomeration.nn_chain import Merges, nn_chain
from napari_hypseg.jobs import Job, Progress

Sizes = npt.NDArray[np.int64]

CONTEXT = "context"
WITHOUT_CONTEXT = "ward"
"""Ward linkage needs no matrix of all pairs, and its low cuts are balanced: it splits off no single leaves."""

CONTEXT_MAX_LEAVES = 4096
"""The cost of every pair of leaves is kept."""
MAX_LEAVES = 65_535
# A cost is mass times difference. With voxel counts as they are, a rare structure costs next to nothing to swallow;
# with their square root it takes a hundred times the voxels to weigh ten times as much.
SIZE_EXPONENT = 0.5


@dataclass(frozen=True, eq=False)
class Leaves:
    """The leaves a tree is built from.

    Parameters
    ----------
    points
        float32 (K, d); on the manifold of `metric`.
    sizes
        int64 (K,); voxels of each leaf, 0 allowed.
    metric
        Distances and means of the manifold.
    contexts
        float64 (K, n), rows that sum to 1: the context of each leaf (`co_occurrence`); None if unknown.
    """

    points: Array
    sizes: Sizes
    metric: Metric
    contexts: npt.NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Linkage:
    """A rule for which two clusters merge next.

    Parameters
    ----------
    name
        Name of the linkage.
    max_leaves
        Most leaves it can take.
    merging
        Job that gives all merges from the leaves to the root.
    """

    name: str
    max_leaves: int
    merging: Callable[[Leaves], Job[Merges]]


def linkages() -> Mapping[str, Linkage]:
    """The linkages by name."""
    return LINKAGES


def default_linkage(leaves: Leaves) -> str:
    """The linkage to use if none is asked for."""
    in_context = leaves.contexts is not None and len(leaves.points) <= CONTEXT_MAX_LEAVES
    return CONTEXT if in_context else WITHOUT_CONTEXT


class _WardClusters:
    """Ward: n·m / (n + m) · d² between weighted centroids; needs K·d numbers only."""

    def __init__(self, points: Array, weights: Array, metric: Metric) -> None:
        self.points, self.weights, self.metric = points.copy(), weights, metric
        self.gone = np.zeros(len(points), dtype=np.float32)

    def costs_from(self, slot: int) -> Array:
        weight = self.weights[slot]
        distances = self.metric.pairwise(self.points[slot : slot + 1], self.points)[0]
        masses = self.weights * weight / (self.weights + weight)
        costs: Array = np.square(distances) * masses + self.gone
        costs[slot] = np.inf
        return costs

    def merge(self, kept: int, gone: int) -> None:
        pair = [kept, gone]
        self.points[kept] = self.metric.centroid(self.points[None, pair], self.weights[None, pair])[0]
        self.weights[kept] += self.weights[gone]
        self.gone[gone] = np.inf

    def compact(self, alive: npt.NDArray[np.bool_]) -> None:
        self.points, self.weights, self.gone = self.points[alive], self.weights[alive], self.gone[alive]


def _leaf_weights(sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """float32 (K,) with mean 1 of the voxels (K,) of each leaf."""
    # An empty leaf weighs as much as one voxel, or it would join anything at no cost.
    weights = np.maximum(sizes, 1).astype(np.float64) ** SIZE_EXPONENT
    return np.asarray((weights / weights.mean()).astype(np.float32))


def _ward(leaves: Leaves) -> Job[Merges]:
    n = len(leaves.points)
    yield Progress("tree", 0, n - 1)
    clusters = _WardClusters(leaves.points, _leaf_weights(leaves.sizes), leaves.metric)
    merges = yield from nn_chain(clusters, n)
    # Two leaves of mean weight then merge at their distance.
    return replace(merges, heights=np.sqrt(2 * merges.heights))


def _context(leaves: Leaves) -> Job[Merges]:
    if leaves.contexts is None:
        return (yield from _ward(leaves))
    clusters = yield from context_clusters(leaves.points, leaves.sizes, leaves.metric, leaves.contexts)
    merges = yield from global_min_merges(clusters, len(leaves.points))
    return replace(merges, heights=np.sqrt(merges.heights))


LINKAGES: Mapping[str, Linkage] = MappingProxyType(
    {
        CONTEXT: Linkage(CONTEXT, CONTEXT_MAX_LEAVES, _context),
        WITHOUT_CONTEXT: Linkage(WITHOUT_CONTEXT, MAX_LEAVES, _ward),
    }
)
