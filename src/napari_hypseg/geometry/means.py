"""Fréchet means of many groups at once by Karcher flow.

Each round moves every mean along the weighted average of the logarithms of its points. In negative curvature a full
step overshoots when the points are wide apart, because the Hessian of d²/2 grows like s coth s; dividing by its bound
makes every round a descent and costs nothing where the group is tight.
"""

from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from napari_hypseg.geometry.manifold import Manifold

KARCHER_STEPS = 50
# Geodesic length of the last move; near the resolution of a distance in the dtype.
KARCHER_TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-10}


def group_sums(values: Tensor, assignment: Tensor, k: int) -> Tensor:
    """Sum `values` (N, e) over each of `k` groups named by `assignment` int64 (N,): (k, e)."""
    return values.new_zeros(k, values.shape[-1]).index_add_(0, assignment, values)


def one_group(points: Tensor) -> Tensor:
    """Assignment int64 (N,) of all `points` (N, d) to group 0."""
    return torch.zeros(len(points), dtype=torch.int64, device=points.device)


def weighted(values: Tensor, weights: Tensor | None) -> Tensor:
    """`values` (N, e) times `weights` (N,), or as they are."""
    return values if weights is None else values * weights.unsqueeze(-1)


def pull(
    manifold: "Manifold", means: Tensor, points: Tensor, assignment: Tensor, weights: Tensor | None = None
) -> Tensor:
    """What `points` (N, d) contribute to the next step of `means` (k, d): sums (k, d + 1), additive over blocks."""
    base = means[assignment]
    offsets = manifold.to_frame(base, manifold.logmap(base, points))
    values = torch.cat([offsets, manifold.curving(offsets).unsqueeze(-1)], dim=-1)
    return group_sums(weighted(values, weights), assignment, len(means))


def moved(manifold: "Manifold", means: Tensor, pulls: Tensor) -> tuple[Tensor, float]:
    """Means after one step along `pulls` (k, d + 1), and the longest geodesic length that one of them moved."""
    step = pulls[:, :-1] / pulls[:, -1:].clamp_min(torch.finfo(pulls.dtype).tiny)
    longest = float(torch.linalg.vector_norm(step, dim=-1).max())
    return manifold.expmap(means, manifold.from_frame(means, step)), longest


def karcher_means(
    manifold: "Manifold",
    start: Tensor,
    points: Tensor,
    assignment: Tensor,
    weights: Tensor | None = None,
    steps: int = KARCHER_STEPS,
) -> Tensor:
    """Fréchet means (k, d) by Karcher flow (Karcher 1977) from `start` (k, d).

    At most `steps` rounds; ends as soon as no mean moves farther than `KARCHER_TOLERANCE`. A group without points
    stays where it started.
    """
    means = start
    for _ in range(steps):
        means, longest = moved(manifold, means, pull(manifold, means, points, assignment, weights))
        if longest <= KARCHER_TOLERANCE[points.dtype]:
            break
    return means
