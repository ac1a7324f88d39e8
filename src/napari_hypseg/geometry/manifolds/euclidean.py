"""Euclidean space, the baseline of every comparison with a curved latent space."""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from napari_hypseg.geometry.manifolds.frechet_means import group_sums, group_totals, single_group
from napari_hypseg.geometry.manifolds.manifold import LogmapTerms, PlaneActivation
from napari_hypseg.geometry.manifolds.pairwise_distances import squared_distances

IDENTITY = PlaneActivation(lambda u: u, lambda u: (u, torch.ones_like(u)))


@dataclass(frozen=True)
class Euclidean:
    """R^d with its usual metric."""

    name: ClassVar[str] = "euclidean"
    curvature: ClassVar[float] = 0.0
    plane_activation: ClassVar[PlaneActivation] = IDENTITY
    safe_radius: ClassVar[float] = math.inf

    def ambient_dim(self, dim: int) -> int:
        """Return `dim`."""
        return dim

    def project(self, x: Tensor) -> Tensor:
        """Return `x`: every vector is a point."""
        return x

    def expmap0(self, v: Tensor) -> Tensor:
        """Return `v`."""
        return v

    def logmap0(self, x: Tensor) -> Tensor:
        """Return `x`."""
        return x

    def expmap(self, x: Tensor, v: Tensor) -> Tensor:
        """Return ``x + v``."""
        return x + v

    def logmap(self, x: Tensor, y: Tensor) -> Tensor:
        """Return ``y - x``."""
        return y - x

    def logmap_terms(self, x: Tensor, y: Tensor) -> LogmapTerms:
        """``y - x``."""
        step = y - x
        return LogmapTerms(step, torch.ones_like(step[:, 0]), torch.zeros_like(step[:, 0]), self.dist(x, y))

    def transp0(self, x: Tensor, v: Tensor) -> Tensor:
        """Return `v`: transport changes nothing."""
        return v

    def from_frame(self, x: Tensor, u: Tensor) -> Tensor:
        """Return `u`."""
        return u

    def to_frame(self, x: Tensor, v: Tensor) -> Tensor:
        """Return `v`."""
        return v

    def logdetexp(self, u: Tensor) -> Tensor:
        """Zeros (…)."""
        return torch.zeros_like(u[..., 0])

    def dist(self, x: Tensor, y: Tensor) -> Tensor:
        """Length of ``x - y`` (…); the gradient at 0 is 0."""
        length: Tensor = torch.linalg.vector_norm(x - y, dim=-1)
        return length

    def pairwise_dist(self, x: Tensor, y: Tensor) -> Tensor:
        """Distances (N, K)."""
        return squared_distances(x, y).clamp_min(torch.finfo(x.dtype).tiny).sqrt()

    def queries(self, x: Tensor) -> Tensor:
        """``(1, -2x)``: with `keys` the squared distance less |x|²."""
        return torch.cat([torch.ones_like(x[..., :1]), -2 * x], dim=-1)

    def keys(self, y: Tensor) -> Tensor:
        """``(|y|², y)``."""
        return torch.cat([y.square().sum(-1, keepdim=True), y], dim=-1)

    def hessian_bound(self, u: Tensor) -> Tensor:
        """Ones (…)."""
        return torch.ones_like(u[..., 0])

    def centroids(self, points: Tensor, assignment: Tensor, k: int, weights: Tensor | None = None) -> Tensor:
        """Weighted means (k, d) of the groups."""
        totals = group_totals(assignment, k, torch.ones_like(points[:, 0]) if weights is None else weights)
        return group_sums(points, assignment, k, weights) / totals.clamp_min(torch.finfo(points.dtype).tiny)

    def frechet_means(self, points: Tensor, assignment: Tensor, k: int, weights: Tensor | None = None) -> Tensor:
        """Weighted means (k, d) of the groups, already exact."""
        return self.centroids(points, assignment, k, weights)

    def frechet_mean(self, points: Tensor, weights: Tensor | None = None) -> Tensor:
        """Weighted mean (d,)."""
        return self.frechet_means(points, single_group(points), 1, weights)[0]

    def to_euclidean(self, z: Tensor) -> Tensor:
        """Return `z`."""
        return z

    def lift(self, z: Tensor) -> Tensor:
        """``(1, z)``."""
        return torch.cat([torch.ones_like(z[..., :1]), z], dim=-1)

    def hyperplanes(self, direction: Tensor, offset: Tensor) -> tuple[Tensor, Tensor]:
        """Normals ``(-offset, unit direction)`` and lengths of the directions."""
        length = torch.linalg.vector_norm(direction, dim=-1, keepdim=True).clamp_min(torch.finfo(direction.dtype).eps)
        return torch.cat([-offset.unsqueeze(-1), direction / length], dim=-1), length.squeeze(-1)
