"""The linkage "context": clusters with similar features or similar context merge first."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError
from napari_hypseg.geometry.metric import Array, Metric
from napari_hypseg.hierarchy.agglomeration.distance_matrix import distance_matrix
from napari_hypseg.hierarchy.agglomeration.nn_chain import OUTSIDE
from napari_hypseg.jobs import Job, Progress

Sizes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# Lower bounds of the feature and the context factor of the cost, so that the other factor stays effective where one is
# 0. That of the features is larger: clusters of equal features and different context are to stay apart.
MIN_FEATURE_COST = 0.05
MIN_CONTEXT_COST = 1e-3
# Context has to outweigh features, or the most conspicuous part splits from its whole first. For the same reason the
# feature factor saturates: at SATURATION times the squared median nearest-neighbour distance it has half its maximum.
CONTEXT_EXPONENT = 2.0
SATURATION = 10.0
# Replaces a share of 0, whose x·ln x is 0 but whose logarithm is not finite.
TINY = 1e-200
# Logarithms computed at once: what the cache holds.
VALUES_AT_ONCE = 2**15


def context_clusters(points: Array, sizes: Sizes, metric: Metric, contexts: Floats) -> "Job[ContextClusters]":
    """Start from leaves (K, d), their voxels (K,) and contexts (K, n), rows of which sum to 1.

    Raises
    ------
    InputError
        If a distance is not finite.
    """
    scale = SATURATION * _median_nearest_distance((yield from distance_matrix(points, metric))) ** 2
    yield Progress("tree", 0, len(points) - 1)
    shares = np.maximum(sizes, 1) / np.maximum(sizes, 1).sum()
    return ContextClusters(points.copy(), shares * len(shares), metric, scale, _Contexts(shares, contexts))


def _median_nearest_distance(distances: npt.NDArray[np.float32]) -> float:
    """The median distance of a leaf to the nearest other; 1 where most coincide, as any unit does then."""
    if not np.isfinite(distances).all():
        raise InputError(OUTSIDE)
    np.fill_diagonal(distances, np.inf)
    nearest = distances.min(axis=1)
    return float(np.median(nearest)) or 1.0 if len(nearest) > 1 else 1.0


@dataclass
class ContextClusters:
    """2·p·q / (p + q) · (d² / (d² + s) + α) · (context divergence + β)^`CONTEXT_EXPONENT`.

    Parameters
    ----------
    points, weights
        Centroids (n, d), weighted by voxels, and voxels (n,), relative to those of a mean leaf, by slot.
    metric
        Of the manifold.
    scale
        s, the squared distance at which the feature factor has half its maximum.
    contexts
        The contexts of the clusters.
    """

    points: Array
    weights: Array
    metric: Metric
    scale: float
    contexts: "_Contexts"

    def costs_between(self, slot: int, others: npt.NDArray[np.intp]) -> Array:
        """(n,) cost of merging `slot` with each of `others`."""
        weight, weights = self.weights[slot], self.weights[others]
        distances = self.metric.pairwise(self.points[slot : slot + 1], self.points[others])[0]
        squares = np.square(distances)
        feature_cost = squares / (squares + self.scale) + MIN_FEATURE_COST
        context_cost = (self.contexts.divergence(slot, others) + MIN_CONTEXT_COST) ** CONTEXT_EXPONENT
        costs: Array = 2 * weight * weights / (weight + weights) * feature_cost * context_cost
        return costs

    def merge(self, kept: int, gone: int) -> None:
        """Put the union of two clusters into `kept`."""
        pair = [kept, gone]
        self.points[kept] = self.metric.centroid(self.points[None, pair], self.weights[None, pair])[0]
        self.weights[kept] += self.weights[gone]
        self.contexts.merge(kept, gone)


class _Contexts:
    """The normalised Jensen–Shannon divergence of the contexts of two clusters.

    The information that the context of a voxel holds about which of the two clusters it belongs to, divided by the
    entropy of their sizes (Slonim and Tishby 1999); in [0, 1]. With A = p·P, the joint distribution of clusters and
    context words, and x·ln x summed over all, written g(·), it is
    1 − [g(A + B) − g(A) − g(B)] / [g(p + q) − g(p) − g(q)]: one logarithm for each word.
    """

    def __init__(self, shares: Floats, contexts: Floats) -> None:
        self.shares = shares
        self.joint = np.maximum(shares[:, None] * contexts, TINY)
        self.sums = np.einsum("kn,kn->k", self.joint, np.log(self.joint))

    def divergence(self, slot: int, others: npt.NDArray[np.intp]) -> Floats:
        """(n,) in [0, 1]; 0 where `slot` and one of `others` (n,) have the same context, 1 where disjoint ones."""
        joined = np.empty(len(others))
        step = max(1, VALUES_AT_ONCE // self.joint.shape[1])
        for start in range(0, len(others), step):
            both = self.joint[others[start : start + step]]
            both += self.joint[slot]
            joined[start : start + step] = np.einsum("kn,kn->k", both, np.log(both))
        p, q = self.shares[slot], self.shares[others]
        entropy = _xlogx(p + q) - _xlogx(p) - _xlogx(q)
        return np.asarray(np.clip(1 - (joined - self.sums[slot] - self.sums[others]) / entropy, 0, 1))

    def merge(self, kept: int, gone: int) -> None:
        self.joint[kept] += self.joint[gone]
        self.shares[kept] += self.shares[gone]
        self.sums[kept] = _xlogx(self.joint[kept]).sum()


def _xlogx(values: Floats) -> Floats:
    return np.asarray(values * np.log(values))
