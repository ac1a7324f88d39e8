"""Symphony: points of a new batch mapped onto a reference that stays as it is (Kang et al. 2021).

Points are assigned softly to clusters of the reference, and what their mean in a cluster differs by from that of the
reference is taken away from them there. Unlike in the paper, points count by their weights, distances are Euclidean,
and this is repeated with the points as they were mapped, since they may be nearer to another cluster. A cluster may
hold tissues that the batch has more or less of, which moves its mean, too: so it is the mean over several clusterings.
"""

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

CLUSTERS, PER_CLUSTER = (10, 30, 100), 4
"""Clusters of the clusterings, and points of the reference for each cluster, at least."""
STARTS = 3
"""Clusterings of each number of clusters."""
WIDTH = 0.2
"""Of the soft assignment: the square distance that one e-fold stands for, as a share of the reference's variance."""
RIDGE = 0.2
"""Points that a cluster is credited with where the batch differs in nothing, as a share of the reference's."""
ROUNDS = 3
ROWS_AT_ONCE = 2**15
WORKING = Progress("cluster", 0, 1)


def mapped(
    points: Floats, weights: Numbers, reference: Floats, reference_weights: Numbers, seed: int = 0
) -> Job[Floats]:
    """Points (n, d) without what their batch differs in from `reference`; yields `Progress` of ``"cluster"``.

    Parameters
    ----------
    points, weights
        float32 (n, d) and int64 (n,): of the new batch, and how much each counts.
    reference, reference_weights
        float32 (m, d) and int64 (m,), above 0: the points that it is mapped onto.
    seed
        Of the clusters.
    """
    counted = (reference_weights / reference_weights.sum()).astype(np.float32)
    of_each = (weights / weights.sum()).astype(np.float32)
    known, weight, generator = (
        torch.from_numpy(reference),
        torch.from_numpy(counted),
        torch.Generator().manual_seed(seed),
    )
    total = np.zeros_like(points)
    for number in CLUSTERS * STARTS:
        clusters = min(number, max(1, len(reference) // PER_CLUSTER))
        found = yield from kmeans(known, clusters, Euclidean(), generator, weights=weight)
        total += yield from _mapped(points, of_each, reference, counted, found.points.numpy())
    return total / np.float32(len(CLUSTERS) * STARTS)


def _mapped(points: Floats, weights: Floats, reference: Floats, counted: Floats, centroids: Floats) -> Job[Floats]:
    """Points (n, d) mapped by one clustering of the reference; weights are of sum 1."""
    width = WIDTH * total_variance(reference, counted)
    shares = soft_assignment(reference, centroids, width) * counted[:, None]
    held = shares.sum(axis=0)
    means = shares.T @ reference / np.maximum(held, TINY)[:, None]
    made = points
    for _ in range(ROUNDS):
        counts, sums = np.zeros_like(held), np.zeros_like(means)
        for rows in _parts(len(points)):
            yield WORKING
            shares = soft_assignment(made[rows], centroids, width) * weights[rows, None]
            counts += shares.sum(axis=0)
            sums += shares.T @ points[rows]
        offsets = (sums - counts[:, None] * means) / np.maximum(counts + RIDGE * held, TINY)[:, None]
        moved = np.empty_like(points)
        for rows in _parts(len(points)):
            yield WORKING
            moved[rows] = points[rows] - soft_assignment(made[rows], centroids, width) @ offsets
        made = moved
    return made


def _parts(n: int) -> list[slice]:
    return [slice(start, start + ROWS_AT_ONCE) for start in range(0, n, ROWS_AT_ONCE)]
