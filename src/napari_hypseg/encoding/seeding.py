"""Where k-means starts: spread over the points, so that a small, distant group is not missed."""

import math

import torch
from torch import Tensor

from napari_hypseg.geometry.manifold import Manifold
from napari_hypseg.jobs import Job, Progress

# Greedy k-means++ costs k² distances on this many points per prototype; above MOST_SPREAD that takes longer than the
# rounds it saves, and among so many prototypes a random choice misses little.
POINTS_PER_PROTOTYPE = 20
MOST_SPREAD = 1024
# Prototypes chosen between two yields.
STRIDE = 16


def seeding_job(points: Tensor, k: int, manifold: Manifold, generator: torch.Generator) -> Job[Tensor]:
    """Choose `k` of `points` (N, d) to start from: (k, d); yields `Progress` of the stage ``"cluster"``.

    Greedy k-means++ (Arthur and Vassilvitskii 2007) on a random sample, by the manifold's distance.
    """
    order = torch.randperm(len(points), generator=generator, device=generator.device).to(points.device)
    if k > MOST_SPREAD:
        yield Progress("cluster", 0)
        return points[order[:k]]
    sample = points[order[: POINTS_PER_PROTOTYPE * k]].to(generator.device)
    trials = 2 + int(math.log(k))
    chosen = [0]
    nearest = manifold.pairwise_dist(sample[:1], sample).square()[0]
    while len(chosen) < k:
        if len(chosen) % STRIDE == 1:
            yield Progress("cluster", 0)
        best, nearest = _farther(sample, nearest, trials, manifold, generator)
        chosen.append(best)
    return sample[chosen].to(points.device)


def _farther(
    sample: Tensor, nearest: Tensor, trials: int, manifold: Manifold, generator: torch.Generator
) -> tuple[int, Tensor]:
    """One more start: of `trials` points drawn by squared distance, the one that leaves the least; and what is left."""
    # The smallest positive number lets points be drawn when all of them coincide with those chosen.
    drawn = torch.multinomial(nearest + torch.finfo(nearest.dtype).tiny, trials, replacement=True, generator=generator)
    left = torch.minimum(manifold.pairwise_dist(sample[drawn], sample).square(), nearest)
    best = int(left.sum(dim=1).argmin())
    return int(drawn[best]), left[best]
