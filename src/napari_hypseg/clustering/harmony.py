"""Harmony: points of several batches without what differs between the batches alone (Korsunsky et al. 2019).

Points are assigned softly to clusters, less so to those that hold more of their batch than chance would give them; then
what the mean of a batch in a cluster differs by is taken away from its points there; and this is repeated. Points that
no other batch has the like of stay where they are: nothing in their cluster differs from them. Unlike in the paper,
points count by their weights and distances are Euclidean, as here the length of a vector says something, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from napari_hypseg.clustering.kmeans import kmeans
from napari_hypseg.clustering.soft_assignment import TINY, soft_assignment, total_variance
from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.jobs import Job, Progress

Floats: TypeAlias = npt.NDArray[np.float32]
Numbers: TypeAlias = npt.NDArray[np.int64]

CLUSTERS, PER_CLUSTER = 100, 30
"""Clusters, at most, and points for each."""
DIVERSITY = 2.0
"""Exponent of the penalty: (expected / observed) points of a batch in a cluster."""
WIDTH = 0.1
"""Of the soft assignment: the square distance that one e-fold stands for, as a share of the variance of all points."""
RIDGE = 0.2
"""Points of a batch that a cluster is credited with where it differs in nothing, as a share of those expected."""
ROUNDS, PASSES = 5, 3
"""Corrections, and soft assignments before each."""
PARTS = 20
"""Parts of the points whose assignment is renewed before the penalties are."""
ROWS_AT_ONCE = 8192
WORKING = Progress("cluster", 0, 1)


@dataclass(frozen=True, eq=False)
class BatchCorrection:
    """What one round of k clusters takes away from points of b batches.

    Parameters
    ----------
    centroids
        float32 (k, d); of the clusters.
    width
        Square distance that one e-fold of the assignment stands for.
    penalties
        float32 (k, b); factors of the assignment.
    offsets
        float32 (b, k, d); what is taken away.
    """

    centroids: Floats
    width: float
    penalties: Floats
    offsets: Floats


def harmony(
    points: Floats, batches: Numbers, n_batches: int, weights: Numbers, seed: int
) -> Job[list[BatchCorrection]]:
    """Fit what `corrected` takes away from points; yields `Progress` of the stage ``"cluster"``.

    Parameters
    ----------
    points
        float32 (n, d).
    batches, n_batches
        int64 (n,), the batch of each, from 0; and how many there are, some perhaps without points.
    weights
        int64 (n,); how much each point counts.
    seed
        Of the first clusters.
    """
    counted = (weights / weights.mean()).astype(np.float32)
    generator = torch.Generator().manual_seed(seed)
    clusters = min(CLUSTERS, max(1, len(points) // PER_CLUSTER))
    weight = torch.from_numpy(counted)
    found = yield from kmeans(torch.from_numpy(points), clusters, Euclidean(), generator, weights=weight)
    parts = np.array_split(np.random.default_rng(seed).permutation(len(points)), PARTS)
    centroids, now, rounds = found.points.numpy(), points, list[BatchCorrection]()
    member = np.eye(n_batches, dtype=np.float32)[batches] * counted[:, None]
    width = WIDTH * total_variance(points, counted)
    for _ in range(ROUNDS):
        centroids, penalties = yield from _diverse(now, batches, member, centroids, width, parts)
        shares = soft_assignment(now, centroids, width, penalties.T[batches])
        offsets = _offsets(shares, points, member)
        rounds.append(BatchCorrection(centroids, width, penalties, offsets))
        now = _moved(points, batches, shares, offsets)
    return rounds


def corrected(points: Floats, batches: Numbers, rounds: Sequence[BatchCorrection]) -> Job[Floats]:
    """Points (n, d) without what differs between their batches; yields `Progress` of the stage ``"cluster"``."""
    made = np.empty_like(points)
    for start in range(0, len(points), ROWS_AT_ONCE):
        yield WORKING
        rows = slice(start, start + ROWS_AT_ONCE)
        now = points[rows]
        for one in rounds:
            shares = soft_assignment(now, one.centroids, one.width, one.penalties.T[batches[rows]])
            now = _moved(points[rows], batches[rows], shares, one.offsets)
        made[rows] = now
    return made


def _diverse(
    points: Floats, batches: Numbers, member: Floats, centroids: Floats, width: float, parts: Sequence[Numbers]
) -> Job[tuple[Floats, Floats]]:
    """Centroids (k, d) and penalties (k, b) after `PASSES` of soft assignment; `member` (n, b) are the weights."""
    weights, share_of_all = member.sum(axis=1, keepdims=True), member.sum(axis=0) / member.sum()
    penalties = np.ones((len(centroids), member.shape[1]), dtype=np.float32)
    shares = soft_assignment(points, centroids, width)
    for _ in range(PASSES):
        observed = shares.T @ member
        for rows in parts:
            yield WORKING
            observed -= shares[rows].T @ member[rows]
            expected = observed.sum(axis=1, keepdims=True) * share_of_all
            penalties = ((np.maximum(expected, 0) + 1) / (np.maximum(observed, 0) + 1)) ** DIVERSITY
            shares[rows] = soft_assignment(points[rows], centroids, width, penalties.T[batches[rows]])
            observed += shares[rows].T @ member[rows]
        held = (shares * weights).T
        centroids = held @ points / np.maximum(held.sum(axis=1, keepdims=True), TINY)
    return centroids, penalties


def _offsets(shares: Floats, points: Floats, member: Floats) -> Floats:
    """What the mean of each batch differs by from the common mean of each cluster (b, k, d), by ridge regression.

    With n points of the batch in the cluster, m their mean and r the ridge, the common mean is that of all m weighted
    by r n / (n + r), and the offset is n / (n + r) of how far m is from it.
    """
    counts = member.T @ shares
    sums = np.stack([(shares * member[:, [batch]]).T @ points for batch in range(member.shape[1])])
    ridge = RIDGE * counts.sum(axis=0) * (member.sum(axis=0) / member.sum())[:, None] + TINY
    free = ridge / (counts + ridge)
    common = (free[..., None] * sums).sum(axis=0) / np.maximum((free * counts).sum(axis=0), TINY)[:, None]
    return np.asarray((sums - counts[..., None] * common) / (counts + ridge)[..., None], dtype=np.float32)


def _moved(points: Floats, batches: Numbers, shares: Floats, offsets: Floats) -> Floats:
    moved = points.copy()
    for batch, of_batch in enumerate(offsets):
        rows = batches == batch
        moved[rows] -= shares[rows] @ of_batch
    return moved
