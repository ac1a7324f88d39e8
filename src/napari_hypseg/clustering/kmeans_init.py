"""Initial centroids of k-means, spread over the points so that a small, distant cluster is not missed."""

import math

import torch
from torch import Tensor

from napari_hypseg.geometry.manifolds.manifold import Manifold
from napari_hypseg.jobs import Job, Progress

# Greedy k-means++ costs k² distances on this many points per centroid; above MAX_GREEDY that takes longer than the
# rounds it saves, and among so many centroids a random choice misses little.
POINTS_PER_CENTROID = 20
MAX_GREEDY = 1024
# Centroids chosen between two yields.
STRIDE = 16


def kmeans_init(
    points: Tensor, k: int, manifold: Manifold, generator: torch.Generator, weights: Tensor | None = None
) -> Job[Tensor]:
    """Choose `k` of `points` (N, d) as initial centroids: (k, d); yields `Progress` of the stage ``"cluster"``.

    Greedy k-means++ (Arthur and Vassilvitskii 2007) on a random sample, by the manifold's distance. `weights` (N,) >= 0
    say how often each point occurs; each once if not given.
    """
    if k > MAX_GREEDY:
        yield Progress("cluster", 0)
        return points[_drawn(len(points), k, None, generator).to(points.device)]
    drawn = _drawn(len(points), POINTS_PER_CENTROID * k, weights, generator)
    sample = points[drawn.to(points.device)].to(generator.device)
    trials = 2 + int(math.log(k))
    chosen = [0]
    nearest = manifold.pairwise_dist(sample[:1], sample).square()[0]
    while len(chosen) < k:
        if len(chosen) % STRIDE == 1:
            yield Progress("cluster", 0)
        best, nearest = _next_centroid(sample, nearest, trials, manifold, generator)
        chosen.append(best)
    return sample[chosen].to(points.device)


def _drawn(n: int, count: int, weights: Tensor | None, generator: torch.Generator) -> Tensor:
    """Indices int64 of `count` points drawn by their weights, of equal ones each at most once."""
    if weights is None:
        return torch.randperm(n, generator=generator, device=generator.device)[:count]
    return torch.multinomial(weights.to(generator.device), count, replacement=True, generator=generator)


def _next_centroid(
    sample: Tensor, nearest: Tensor, trials: int, manifold: Manifold, generator: torch.Generator
) -> tuple[int, Tensor]:
    """Index of one more centroid, and the squared distances (n,) to the nearest centroid with it.

    Of `trials` points drawn by squared distance, the one that lowers the sum most.
    """
    # The smallest positive number lets points be drawn when all of them coincide with those chosen.
    drawn = torch.multinomial(nearest + torch.finfo(nearest.dtype).tiny, trials, replacement=True, generator=generator)
    left = torch.minimum(manifold.pairwise_dist(sample[drawn], sample).square(), nearest)
    best = int(left.sum(dim=1).argmin())
    return int(drawn[best]), left[best]
