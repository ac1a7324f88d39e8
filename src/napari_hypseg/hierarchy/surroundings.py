"""The linkage "context": clusters join that look alike or live in the same surroundings."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError
from napari_hypseg.geometry.metric import Array, Metric
from napari_hypseg.hierarchy.chain import OUTSIDE
from napari_hypseg.hierarchy.distance_matrix import distance_matrix
from napari_hypseg.jobs import Job, Progress

Sizes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# What two clusters that look exactly alike, or live in exactly the same surroundings, still differ in: keeps the other
# factor of the cost in force. The first is the larger one: surroundings are to keep apart what looks the same.
LOOK_ALIKE = 0.05
LIVE_ALIKE = 1e-3
# Surroundings have to outweigh looks, or what stands out most leaves its whole first. For the same reason looks level
# off: what differs by many times the usual distance of the nearest leaves, squared, is different and no more.
LIVES = 2.0
CLEARLY = 10.0
# Stands for a share of 0, whose x·ln x is 0 but whose logarithm is not finite.
NOTHING = 1e-200
# Of logarithms worked on at once: what the cache holds.
VALUES_AT_ONCE = 2**15


def clusters_in_context(points: Array, sizes: Sizes, metric: Metric, contexts: Floats) -> "Job[ContextClusters]":
    """Start from leaves (K, d), their voxels (K,) and contexts (K, n), rows of which sum to 1.

    Raises
    ------
    InputError
        If a distance is not finite.
    """
    scale = CLEARLY * _doubt((yield from distance_matrix(points, metric))) ** 2
    yield Progress("tree", 0, len(points) - 1)
    shares = np.maximum(sizes, 1) / np.maximum(sizes, 1).sum()
    return ContextClusters(points.copy(), shares * len(shares), metric, scale, _Surroundings(shares, contexts))


def _doubt(distances: npt.NDArray[np.float32]) -> float:
    """The median distance of a leaf to the nearest other; 1 where most coincide, as any unit does then."""
    if not np.isfinite(distances).all():
        raise InputError(OUTSIDE)
    np.fill_diagonal(distances, np.inf)
    nearest = distances.min(axis=1)
    return float(np.median(nearest)) or 1.0 if len(nearest) > 1 else 1.0


@dataclass
class ContextClusters:
    """2·p·q / (p + q) · (d² / (d² + s) + α) · (share of the identity that context tells + β)^`LIVES`.

    Parameters
    ----------
    points, weights
        Centroids (n, d), weighted by voxels, and voxels (n,), relative to those of a mean leaf, by slot.
    metric
        Of the manifold.
    scale
        s, the squared distance of two that are as likely different as not.
    surroundings
        What the clusters are found in.
    """

    points: Array
    weights: Array
    metric: Metric
    scale: float
    surroundings: "_Surroundings"

    def costs_between(self, slot: int, others: npt.NDArray[np.intp]) -> Array:
        """(n,) cost of merging `slot` with each of `others`."""
        weight, weights = self.weights[slot], self.weights[others]
        distances = self.metric.pairwise(self.points[slot : slot + 1], self.points[others])[0]
        squares = np.square(distances)
        looks = squares / (squares + self.scale) + LOOK_ALIKE
        lives = (self.surroundings.told(slot, others) + LIVE_ALIKE) ** LIVES
        costs: Array = 2 * weight * weights / (weight + weights) * looks * lives
        return costs

    def merge(self, kept: int, gone: int) -> None:
        """Put the union of two clusters into `kept`."""
        pair = [kept, gone]
        self.points[kept] = self.metric.centroid(self.points[None, pair], self.weights[None, pair])[0]
        self.weights[kept] += self.weights[gone]
        self.surroundings.merge(kept, gone)


class _Surroundings:
    """How much of which of two clusters a voxel belongs to is told by what surrounds it.

    That share is the Jensen–Shannon divergence of their contexts over the entropy of their sizes (Slonim and Tishby
    1999), in [0, 1]. With A = p·P, the joint shares of clusters and words, and x·ln x summed over all, written g(·), it
    is 1 − [g(A + B) − g(A) − g(B)] / [g(p + q) − g(p) − g(q)]: one logarithm for each word.
    """

    def __init__(self, shares: Floats, contexts: Floats) -> None:
        self.shares = shares
        self.joint = np.maximum(shares[:, None] * contexts, NOTHING)
        self.sums = np.einsum("kn,kn->k", self.joint, np.log(self.joint))

    def told(self, slot: int, others: npt.NDArray[np.intp]) -> Floats:
        """(n,) in [0, 1]; 0 where `slot` and one of `others` (n,) live in the same surroundings, 1 in disjoint ones."""
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
