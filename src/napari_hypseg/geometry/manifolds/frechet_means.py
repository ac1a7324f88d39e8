"""Fréchet means of many groups at once by Karcher flow.

Each round moves every mean along the weighted average of the logarithms of its points. In negative curvature a full
step overshoots when the points are wide apart, because the Hessian of d²/2 grows like s coth s; dividing by its bound
makes every round a descent and costs nothing where the group is tight.
"""

from dataclasses import dataclass

import torch
from scipy.sparse import csr_array
from torch import Tensor

from napari_hypseg.geometry.manifolds.manifold import Manifold

KARCHER_STEPS = 50
# Geodesic length of the last step; near the resolution of a distance in the dtype.
KARCHER_TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-10}


def group_sums(values: Tensor, assignment: Tensor, k: int, weights: Tensor | None = None) -> Tensor:
    """Sum `values` (N, e), times `weights` (N,) if given, over each of `k` groups: (k, e).

    Groups are named by `assignment` int64 (N,).
    """
    needs_gradient = values.requires_grad or (weights is not None and weights.requires_grad)
    if values.device.type == "cpu" and not needs_gradient:
        return _sparse_product(values, assignment, k, weights)
    weighted = values if weights is None else values * weights.unsqueeze(-1)
    return values.new_zeros(k, values.shape[-1]).index_add_(0, assignment, weighted)


def _sparse_product(values: Tensor, assignment: Tensor, k: int, weights: Tensor | None) -> Tensor:
    """As `group_sums`: the product with a matrix of one entry for each value, a quarter of the time of `index_add_`."""
    n = len(values)
    entries = torch.ones(n, dtype=values.dtype) if weights is None else weights.to(values.dtype)
    places = assignment.to(torch.int32), torch.arange(n + 1, dtype=torch.int32)
    groups = csr_array((entries.numpy(), places[0].numpy(), places[1].numpy()), shape=(n, k))
    return torch.from_numpy(groups.T @ values.numpy())


def group_totals(assignment: Tensor, k: int, weights: Tensor) -> Tensor:
    """Sum `weights` (N,) over each of `k` groups: (k, 1)."""
    if weights.device.type == "cpu" and not weights.requires_grad:
        return torch.bincount(assignment, weights, minlength=k).to(weights.dtype).unsqueeze(-1)
    return group_sums(weights.unsqueeze(-1), assignment, k)


def single_group(points: Tensor) -> Tensor:
    """Assignment int64 (N,) of all `points` (N, d) to group 0."""
    return torch.zeros(len(points), dtype=torch.int64, device=points.device)


def karcher_gradient(
    manifold: Manifold, means: Tensor, points: Tensor, assignment: Tensor, weights: Tensor | None = None
) -> Tensor:
    """Gradient and Hessian bound of half the squared distances of `points` (N, d) to `means` (k, d).

    Gives sums (k, d + 1), which are additive over blocks of points: the negative gradient, then the bound.
    """
    k, terms = len(means), manifold.logmap_terms(means.index_select(0, assignment), points)
    along, back, bound = terms.along, terms.back, manifold.hessian_bound(terms.dist.unsqueeze(-1))
    if weights is not None:
        along, back, bound = along * weights, back * weights, bound * weights
    logarithms = group_sums(terms.step, assignment, k, along) - group_totals(assignment, k, back) * means
    return torch.cat([manifold.to_frame(means, logarithms), group_totals(assignment, k, bound)], dim=-1)


@dataclass(frozen=True, eq=False)
class KarcherStep:
    """One step of Karcher flow.

    Parameters
    ----------
    means
        (k, e); where it led.
    gradients, step
        (k, d); the negative gradients before it, and the step, in frame coordinates.
    longest
        Geodesic length of the longest.
    """

    means: Tensor
    gradients: Tensor
    step: Tensor
    longest: float


def karcher_step(manifold: Manifold, means: Tensor, sums: Tensor, before: KarcherStep | None = None) -> KarcherStep:
    """One step of `means` (k, e) along `sums` (k, d + 1) of `karcher_gradient`.

    The gradient is divided by the Hessian's bound; after the first step by what the Hessian was along the last
    (Barzilai and Borwein 1988), but by no less than half the bound, with which no direction is overshot by more than it
    was off.
    """
    gradients, bound = sums[:, :-1], sums[:, -1:].clamp_min(torch.finfo(sums.dtype).tiny)
    hessian = bound
    if before is not None:
        square = before.step.square().sum(-1, keepdim=True).clamp_min(torch.finfo(sums.dtype).tiny)
        along = (before.step * (before.gradients - gradients)).sum(-1, keepdim=True) / square
        hessian = along.clamp(bound / 2, bound)
    step = gradients / hessian
    longest = float(torch.linalg.vector_norm(step, dim=-1).max())
    return KarcherStep(manifold.expmap(means, manifold.from_frame(means, step)), gradients, step, longest)


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
    means, step = start, None
    for _ in range(steps):
        sums = karcher_gradient(manifold, means, points, assignment, weights)
        step = karcher_step(manifold, means, sums, step)
        means = step.means
        if step.longest <= KARCHER_TOLERANCE[points.dtype]:
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
