"""Prototypes: the points of a manifold that stand for the leaves, and which of them is nearest to a point.

They are fitted by k-means with the manifold's own distance and Fréchet means, on a sample that fits in memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from napari_hypseg.encoding.seeding import seeding_job
from napari_hypseg.errors import SettingError
from napari_hypseg.geometry.manifold import Manifold
from napari_hypseg.geometry.means import moved, pull
from napari_hypseg.jobs import Command, Job, Progress

# Point-prototype pairs worked on at once, 4 bytes each: on a CPU what its cache holds, elsewhere 64 MB.
PAIRS = {"cpu": 2**22}
PAIRS_ELSEWHERE = 2**24
# Work between two yields: well under 0.1 s on one core.
PAIRS_PER_YIELD = 2**24
VALUES_PER_YIELD = 2**20
# Point-prototype pairs compared over all rounds, about 20 s on two cores. Thousands of prototypes with a few
# dozen points each get fewer rounds by it; they gain little from more.
MOST_PAIRS = 10**10
LEAST_ROUNDS = 2
# Rounds end when fewer than this share of the points changes its prototype.
SETTLED = 1e-3
# Means need not be finer than this between two rounds; a length on the manifold.
MEAN_TOLERANCE = 1e-3
MEAN_STEPS = 4


@dataclass(frozen=True, eq=False)
class Prototypes:
    """Centres of k groups.

    Parameters
    ----------
    points
        (k, d); where the prototypes lie, on the device of the points they were fitted to.
    counts
        int64 (k,); points of the sample nearest to each. 0 is to be expected only where fewer than k points differ.
    """

    points: Tensor
    counts: Tensor


@torch.no_grad()
def assign(points: Tensor, prototypes: Tensor, manifold: Manifold, pairs: int | None = None) -> Tensor:
    """Index int64 (N,) of the prototype (k, d) nearest to each of `points` (N, d).

    Needs 4 bytes for each of `pairs` point-prototype pairs at once, by default 16 MB on a CPU and 64 MB elsewhere.
    """
    if pairs is None:
        pairs = PAIRS.get(points.device.type, PAIRS_ELSEWHERE)
    keys = manifold.keys(prototypes).T
    parts = points.split(max(1, pairs // len(prototypes)))
    # min with its index is several times faster than argmin.
    return torch.cat([(manifold.queries(part) @ keys).min(dim=1).indices for part in parts])


def kmeans_job(
    points: Tensor,
    k: int,
    manifold: Manifold,
    generator: torch.Generator,
    iterations: int = 20,
    weights: Tensor | None = None,
    init: Tensor | None = None,
) -> Job[Prototypes]:
    """Fit `k` prototypes to `points` by Lloyd's algorithm with the distance and the Fréchet means of `manifold`.

    A prototype left without points moves to a point that is farthest from its own. The same points and the same state
    of `generator` give the same prototypes on the CPU. Yields `Progress` of the stage ``"cluster"``; ends early when
    the groups have settled, or after the round in which `Command.STOP` was sent.

    Parameters
    ----------
    points
        (N, d), on any device.
    k
        Number of prototypes.
    manifold
        Where the points lie.
    generator
        Source of the start; its device may be another than that of the points.
    iterations
        Rounds at most; fewer for very many prototypes.
    weights
        (N,) >= 0, how much each point counts in the means.
    init
        (k, d) prototypes to start from instead of k-means++.

    Raises
    ------
    SettingError
        If there are fewer points than prototypes.
    """
    if k > len(points):
        raise SettingError(f"{k} leaves cannot be made from {len(points)} points; lower the leaves setting.")
    points = points.detach()
    prototypes = init if init is not None else (yield from seeding_job(points, k, manifold, generator))
    labels = torch.full((len(points),), -1, device=points.device)
    rounds = min(iterations, max(LEAST_ROUNDS, MOST_PAIRS // (k * len(points))))
    for step in range(rounds):
        progress = Progress("cluster", step, rounds)
        before = labels
        labels, stopped = yield from assigning_job(points, prototypes, manifold, progress)
        if float((labels != before).float().mean()) < SETTLED:
            break
        means = yield from _centring(points, labels, k, manifold, weights, progress)
        prototypes = _filled(means, points, labels, manifold)
        if stopped:
            break
    return (yield from _counted(points, prototypes, manifold, Progress("cluster", rounds, rounds)))


def _counted(points: Tensor, prototypes: Tensor, manifold: Manifold, progress: Progress) -> Job[Prototypes]:
    """Prototypes with their counts, once more put to use where the last step of the means left one without points."""
    labels, _ = yield from assigning_job(points, prototypes, manifold, progress)
    filled = _filled(prototypes, points, labels, manifold)
    if filled is not prototypes:
        labels, _ = yield from assigning_job(points, filled, manifold, progress)
    return Prototypes(filled, torch.bincount(labels, minlength=len(filled)))


def assigning_job(
    points: Tensor, prototypes: Tensor, manifold: Manifold, progress: Progress
) -> Job[tuple[Tensor, bool]]:
    """Index int64 (N,) of the prototype (k, d) nearest to each point, and whether a stop was asked for meanwhile.

    Yields `progress` every few hundredths of a second.
    """
    stopped = False
    parts = []
    for part in points.split(max(1, PAIRS_PER_YIELD // len(prototypes))):
        stopped |= (yield progress) is Command.STOP
        parts.append(assign(part, prototypes, manifold))
    return torch.cat(parts), stopped


def _centring(
    points: Tensor, labels: Tensor, k: int, manifold: Manifold, weights: Tensor | None, progress: Progress
) -> Job[Tensor]:
    """Fréchet mean (k, d) of each group: the closed-form centroid and a few Karcher steps, in blocks."""
    means = manifold.centroids(points, labels, k, weights)
    for _ in range(MEAN_STEPS):
        pulls = pull(manifold, means, points[:0], labels[:0])
        for rows in _blocks(points):
            yield progress
            pulls += pull(manifold, means, points[rows], labels[rows], None if weights is None else weights[rows])
        means, longest = moved(manifold, means, pulls)
        if longest <= MEAN_TOLERANCE:
            break
    return means


def _blocks(points: Tensor) -> Iterator[slice]:
    rows = max(1, VALUES_PER_YIELD // points.shape[1])
    return (slice(start, start + rows) for start in range(0, len(points), rows))


def _filled(prototypes: Tensor, points: Tensor, labels: Tensor, manifold: Manifold) -> Tensor:
    """Prototypes of which those without points lie where a point was farthest from its own."""
    empty = torch.bincount(labels, minlength=len(prototypes)) == 0
    if not bool(empty.any()):
        return prototypes
    far = manifold.dist(points, prototypes[labels]).topk(int(empty.sum())).indices
    return prototypes.masked_scatter(empty.unsqueeze(-1), points[far])
