"""Fréchet means of many groups at once by Karcher flow.

Each round moves every mean along the weighted average of the logarithms of its points. In negative curvature a full
step overshoots when the points are wide apart, because the Hessian of d²/2 grows like s coth s; dividing by its bound
makes every round a descent and costs nothing where the group is tight.
"""

import torch
from torch import Tensor

from napari_hypseg.geometry.manifolds.manifold import Manifold

KARCHER_STEPS = 50
# Geodesic length of the last step; near the resolution of a distance in the dtype.
KARCHER_TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-10}


def group_sums(values: Tensor, assignment: Tensor, k: int) -> Tensor:
    """Sum `values` (N, e) over each of `k` groups named by `assignment` int64 (N,): (k, e)."""
    return values.new_zeros(k, values.shape[-1]).index_add_(0, assignment, values)


def single_group(points: Tensor) -> Tensor:
    """Assignment int64 (N,) of all `points` (N, d) to group 0."""
    return torch.zeros(len(points), dtype=torch.int64, device=points.device)


def apply_weights(values: Tensor, weights: Tensor | None) -> Tensor:
    """`values` (N, e) times `weights` (N,), or as they are."""
    return values if weights is None else values * weights.unsqueeze(-1)


def karcher_gradient(
    manifold: Manifold, means: Tensor, points: Tensor, assignment: Tensor, weights: Tensor | None = None
) -> Tensor:
    """Gradient and Hessian bound of half the squared distances of `points` (N, d) to `means` (k, d).

    Gives sums (k, d + 1), which are additive over blocks of points: the negative gradient, then the bound.
    """
    base = means[assignment]
    offsets = manifold.to_frame(base, manifold.logmap(base, points))
    values = torch.cat([offsets, manifold.hessian_bound(offsets).unsqueeze(-1)], dim=-1)
    return group_sums(apply_weights(values, weights), assignment, len(means))


def karcher_step(manifold: Manifold, means: Tensor, gradients: Tensor) -> tuple[Tensor, float]:
    """Means after one step along `gradients` (k, d + 1) of `karcher_gradient`, and the longest geodesic step."""
    step = gradients[:, :-1] / gradients[:, -1:].clamp_min(torch.finfo(gradients.dtype).tiny)
    longest = float(torch.linalg.vector_norm(step, dim=-1).max())
    return manifold.expmap(means, manifold.from_frame(means, step)), longest


def karcher_means(
    manifold: Manifold,
    start: Tensor,
    points: Tensor,
    assignment: Tensor,
    weights: Tensor | None = None,
    steps: int = KARCHER_STEPS,
) -> Tensor:
    """Fréchet means (k, d) by Karcher flow (Karcher 1977) from `start` (k, d).

    At most `steps` rounds; stops when no mean moves farther than `KARCHER_TOLERANCE`. A group without points
    stays where it started.
    """
    means = start
    for _ in range(steps):
        means, longest = karcher_step(manifold, means, karcher_gradient(manifold, means, points, assignment, weights))
        if longest <= KARCHER_TOLERANCE[points.dtype]:
            break
    return means


class KarcherMeans:
    """Fréchet means by Karcher flow from the closed-form `centroids`: a mix-in of curved manifolds."""

    def frechet_means(
        self: Manifold,
        points: Tensor,
        assignment: Tensor,
        k: int,
        weights: Tensor | None = None,
        steps: int = KARCHER_STEPS,
    ) -> Tensor:
        """Fréchet means (k, e) of groups by at most `steps` rounds from their centroids.

        On the sphere the mean is unique for a group within half a sphere.
        """
        return karcher_means(self, self.centroids(points, assignment, k, weights), points, assignment, weights, steps)

    def frechet_mean(self: Manifold, points: Tensor, weights: Tensor | None = None) -> Tensor:
        """Fréchet mean (e,) of `points` (N, e)."""
        return self.frechet_means(points, single_group(points), 1, weights)[0]
