"""k-means on a manifold: Lloyd's algorithm with the manifold's distance and Fréchet means."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from napari_hypseg.clustering.kmeans_init import kmeans_init
from napari_hypseg.errors import SettingError
from napari_hypseg.geometry.manifolds.frechet_means import karcher_gradient, karcher_step
from napari_hypseg.geometry.manifolds.manifold import Manifold
from napari_hypseg.jobs import Command, Job, Progress
from napari_hypseg.jobs.worker_pool import worker_pool

# Point-centroid pairs worked on at once, 4 bytes each: on a CPU what the cache of a core holds, elsewhere 64 MB.
PAIRS = {"cpu": 2**18}
PAIRS_ELSEWHERE = 2**24
# What a core computes at once: well under 0.1 s, and enough that threads are worth it.
PAIRS_PER_YIELD = 2**22
VALUES_PER_YIELD = 2**20
# Point-centroid pairs compared over all rounds, about 20 s on two cores. Thousands of centroids with a few
# dozen points each get fewer rounds by it; they gain little from more.
MAX_PAIRS = 10**10
MIN_ROUNDS = 2
# Rounds end when fewer than this share of the points changes its centroid.
CONVERGED = 1e-3
# Precision of the Fréchet means between two rounds, as a length on the manifold.
MEAN_TOLERANCE = 1e-3
MEAN_STEPS = 3


@dataclass(frozen=True, eq=False)
class Centroids:
    """Centroids of k clusters.

    Parameters
    ----------
    points
        (k, d); on the device of the points they were fitted to.
    counts
        int64 (k,); points of the sample nearest to each; 0 only where fewer than k points differ.
    """

    points: Tensor
    counts: Tensor


@torch.no_grad()
def nearest_centroid(points: Tensor, centroids: Tensor, manifold: Manifold, pairs: int | None = None) -> Tensor:
    """Index int64 (N,) of the centroid (k, d) nearest to each of `points` (N, d).

    Needs 4 bytes for each of `pairs` point-centroid pairs at once, by default 1 MB on a CPU and 64 MB elsewhere.
    """
    if pairs is None:
        pairs = PAIRS.get(points.device.type, PAIRS_ELSEWHERE)
    keys = manifold.keys(centroids).T.contiguous()
    parts = points.split(max(1, pairs // len(centroids)))
    return torch.cat([_lowest(manifold.queries(part) @ keys) for part in parts])


def _lowest(values: Tensor) -> Tensor:
    """Index int64 (n,) of the first lowest of `values` (n, k) in each row."""
    if values.device.type == "cpu":
        # Several times faster than torch, whose min with its index is in turn faster than its argmin.
        return torch.from_numpy(np.argmin(values.numpy(), axis=1))
    return values.min(dim=1).indices


def kmeans(
    points: Tensor,
    k: int,
    manifold: Manifold,
    generator: torch.Generator,
    iterations: int = 20,
    weights: Tensor | None = None,
    init: Tensor | None = None,
) -> Job[Centroids]:
    """Fit `k` centroids to `points` by Lloyd's algorithm with the distance and the Fréchet means of `manifold`.

    On curved manifolds the closed-form means, which are the centroids of another convex function of the distance, take
    the place of the Fréchet means until the assignment has converged: they cost what means in flat space do. A centroid
    left without points moves to a point that is farthest from its own. The same points and the same state of
    `generator` give the same centroids on the CPU. Yields `Progress` of the stage ``"cluster"``; ends early when the
    assignment has converged, or after the round in which `Command.STOP` was sent.

    Parameters
    ----------
    points
        (N, d), on any device.
    k
        Number of centroids.
    manifold
        Where the points lie.
    generator
        Source of the start; its device may be another than that of the points.
    iterations
        Rounds at most; fewer for very many centroids.
    weights
        (N,) >= 0, not all 0; how much each point counts, in the start as in the means, such as how often it occurs.
    init
        (k, d) initial centroids instead of those of k-means++.

    Raises
    ------
    SettingError
        If there are fewer points than centroids.
    """
    if k > len(points):
        raise SettingError(f"{k} leaves cannot be made from {len(points)} points; lower the leaves setting.")
    points = points.detach()
    centroids = init if init is not None else (yield from kmeans_init(points, k, manifold, generator, weights))
    labels = torch.full((len(points),), -1, device=points.device)
    exact = manifold.curvature == 0  # the closed form is the Fréchet mean
    rounds = min(iterations, max(MIN_ROUNDS, MAX_PAIRS // (k * len(points))))
    for step in range(rounds):
        progress = Progress("cluster", step, rounds)
        before, (labels, stopped) = labels, (yield from nearest_centroid_job(points, centroids, manifold, progress))
        if _changed(labels, before, weights) < CONVERGED:
            if exact:
                break
            exact = True
        centroids = manifold.centroids(points, labels, k, weights)
        if manifold.curvature and (exact or stopped or step == rounds - 1):
            centroids = yield from _frechet_means(points, labels, centroids, manifold, weights, progress)
        centroids = _reseed_empty(centroids, points, labels, manifold)
        if stopped:
            break
    return (yield from _with_counts(points, centroids, manifold, Progress("cluster", rounds, rounds)))


def _changed(labels: Tensor, before: Tensor, weights: Tensor | None) -> float:
    """Share of the points with another label than `before`."""
    changed = labels != before
    return float(changed.float().mean()) if weights is None else float(weights[changed].sum() / weights.sum())


def _with_counts(points: Tensor, centroids: Tensor, manifold: Manifold, progress: Progress) -> Job[Centroids]:
    """Centroids with their counts, reseeded once more where the last step left one without points."""
    labels, _ = yield from nearest_centroid_job(points, centroids, manifold, progress)
    reseeded = _reseed_empty(centroids, points, labels, manifold)
    if reseeded is not centroids:
        labels, _ = yield from nearest_centroid_job(points, reseeded, manifold, progress)
    return Centroids(reseeded, torch.bincount(labels, minlength=len(reseeded)))


def nearest_centroid_job(
    points: Tensor, centroids: Tensor, manifold: Manifold, progress: Progress
) -> Job[tuple[Tensor, bool]]:
    """Index int64 (N,) of the centroid (k, d) nearest to each point, and whether a stop was asked for meanwhile.

    Yields `progress` every few hundredths of a second.
    """
    parts = points.split(max(1, PAIRS_PER_YIELD // len(centroids)))
    stopped = (yield progress) is Command.STOP
    if len(parts) == 1:
        return nearest_centroid(points, centroids, manifold), stopped
    found: list[Tensor] = []

    def compute(part: Tensor) -> Tensor:
        return nearest_centroid(part, centroids, manifold)

    with worker_pool(points.device.type) as pool:
        for event in pool.map(compute, parts, found.append, lambda _: progress):
            stopped |= (yield event) is Command.STOP
    return torch.cat(found), stopped


def _frechet_means(
    points: Tensor, labels: Tensor, means: Tensor, manifold: Manifold, weights: Tensor | None, progress: Progress
) -> Job[Tensor]:
    """Fréchet mean (k, d) of each cluster: the closed-form `means` and a few Karcher steps, in blocks."""
    step = None
    for _ in range(MEAN_STEPS):
        pulls = karcher_gradient(manifold, means, points[:0], labels[:0])

        def compute(rows: slice, means: Tensor = means) -> Tensor:
            weight = None if weights is None else weights[rows]
            return karcher_gradient(manifold, means, points[rows], labels[rows], weight)

        with worker_pool(points.device.type) as pool:
            yield from pool.map(compute, _blocks(points), pulls.add_, lambda _: progress)
        step = karcher_step(manifold, means, pulls, step)
        means = step.means
        if step.longest <= MEAN_TOLERANCE:
            break
    return means


def _blocks(points: Tensor) -> Iterator[slice]:
    rows = max(1, VALUES_PER_YIELD // points.shape[1])
    return (slice(start, start + rows) for start in range(0, len(points), rows))


def _reseed_empty(centroids: Tensor, points: Tensor, labels: Tensor, manifold: Manifold) -> Tensor:
    """Centroids of which those without points are moved to the points farthest from their own."""
    empty = torch.bincount(labels, minlength=len(centroids)) == 0
    if not bool(empty.any()):
        return centroids
    far = manifold.dist(points, centroids[labels]).topk(int(empty.sum())).indices
    return centroids.masked_scatter(empty.unsqueeze(-1), points[far])


def kmeans_labels(points: Tensor, k: int, manifold: Manifold, generator: torch.Generator) -> Job[Tensor]:
    """Labels int64 (n,) in 0 … k−1 of all `points` (n, d) by k-means, as in Hsu et al. (2021).

    Unlike the cuts of a hierarchy, the labels for two numbers of clusters are not nested. Yields `Progress` of the
    stage ``"cluster"``.

    Raises
    ------
    SettingError
        If there are fewer points than clusters.
    """
    centroids = yield from kmeans(points, k, manifold, generator)
    labels, _ = yield from nearest_centroid_job(points, centroids.points, manifold, Progress("cluster", 1, 1))
    return labels
