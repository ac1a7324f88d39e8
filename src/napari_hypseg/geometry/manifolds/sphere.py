"""The unit hypersphere, its points embedded as unit vectors.

The sphere of dimension d lies in d + 1 coordinates, the first of which is 1 at the origin. Angles are built from
|x − y| and |x + y| (Kahan 2006), never from the arc cosine of an inner product, which loses every digit at 0 and at π.
The antipode alone is singular: there the direction of a geodesic is not defined, and logarithms are shortened.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from napari_hypseg.geometry.manifolds.circular_functions import asin, asin_with_slope, cosine, log_sinc, sinc
from napari_hypseg.geometry.manifolds.frechet_means import KarcherMeans, group_sums
from napari_hypseg.geometry.manifolds.manifold import LogmapTerms, PlaneActivation
from napari_hypseg.geometry.manifolds.pairwise_distances import squared_distances

ASIN = PlaneActivation(asin, asin_with_slope)


def _square(x: Tensor) -> Tensor:
    """Squared Euclidean length (…, 1)."""
    return x.square().sum(-1, keepdim=True)


def _root(square: Tensor) -> Tensor:
    """Square root whose gradient at 0 is 0."""
    return square.clamp_min(torch.finfo(square.dtype).tiny).sqrt()


def _ambient(u: Tensor) -> Tensor:
    """Tangent vectors (…, d + 1) at the origin from frame coordinates (…, d)."""
    return torch.cat([torch.zeros_like(u[..., :1]), u], dim=-1)


@dataclass(frozen=True)
class Sphere(KarcherMeans):
    """The sphere of radius 1, whose sectional curvature is 1."""

    name: ClassVar[str] = "sphere"
    curvature: ClassVar[float] = -1.0
    plane_activation: ClassVar[PlaneActivation] = ASIN
    safe_radius: ClassVar[float] = 3.0
    """Below π: all directions end in one point there."""

    def ambient_dim(self, dim: int) -> int:
        """``dim + 1``."""
        return dim + 1

    def project(self, x: Tensor) -> Tensor:
        """Divide by the length; the zero vector becomes the origin."""
        square = _square(x)
        none = square < torch.finfo(x.dtype).tiny
        start = torch.zeros_like(x)
        start[..., 0] = 1
        return torch.where(none, start, x / torch.where(none, 1, square).sqrt())

    def expmap0(self, v: Tensor) -> Tensor:
        """``(cos |v|, sin |v| v / |v|)``; the first coordinate of a tangent vector at the origin is 0."""
        square = _square(v[..., 1:])
        return self.project(torch.cat([cosine(square), sinc(square) * v[..., 1:]], dim=-1))

    def logmap0(self, x: Tensor) -> Tensor:
        """Inverse of `expmap0`."""
        origin = torch.zeros_like(x)
        origin[..., 0] = 1
        return _ambient(self.logmap(origin, x)[..., 1:])

    def expmap(self, x: Tensor, v: Tensor) -> Tensor:
        """``cos |v| x + sin |v| v / |v|``."""
        square = _square(v)
        return self.project(cosine(square) * x + sinc(square) * v)

    def logmap(self, x: Tensor, y: Tensor) -> Tensor:
        """``θ / sin θ (y − cos θ x)``, written in y − x; shortened where `y` is as good as the antipode."""
        step = y - x
        eps = torch.finfo(step.dtype).eps
        half_sine = (_square(step) / 4).clamp_min(eps).sqrt()
        half_cosine = (_square(x + y) / 4).clamp_min(eps).sqrt()
        ratio = torch.atan2(half_sine, half_cosine) / (half_sine * half_cosine)
        return ratio * (step + _square(step) / 2 * x)

    def logmap_terms(self, x: Tensor, y: Tensor) -> LogmapTerms:
        """The terms of `logmap`."""
        step = y - x
        square, eps = _square(step).squeeze(-1), torch.finfo(step.dtype).eps
        half_sine = (square / 4).clamp_min(eps).sqrt()
        half_cosine = (_square(x + y).squeeze(-1) / 4).clamp_min(eps).sqrt()
        angle = torch.atan2(half_sine, half_cosine)
        along = angle / (half_sine * half_cosine)
        return LogmapTerms(step, along, -along * square / 2, 2 * angle)

    def transp0(self, x: Tensor, v: Tensor) -> Tensor:
        """Turn `v` in the plane of the origin and `x`: v − <x, v> / (1 + x₀) (o + x)."""
        inner = (x[..., 1:] * v[..., 1:]).sum(-1, keepdim=True)
        return torch.cat([-inner, v[..., 1:] - inner * self._tilt(x)], dim=-1)

    @staticmethod
    def _tilt(x: Tensor) -> Tensor:
        """``x / (1 + x₀)`` without the first coordinate, in the form that does not cancel."""
        first, rest = x[..., :1], x[..., 1:]
        gap = torch.where(first < 0, _square(rest) / (1 + first.abs()), 1 + first)
        return rest / gap.clamp_min(torch.finfo(x.dtype).eps)

    def from_frame(self, x: Tensor, u: Tensor) -> Tensor:
        """Tangent vector (…, d + 1) from frame coordinates (…, d)."""
        return self.transp0(x, _ambient(u))

    def to_frame(self, x: Tensor, v: Tensor) -> Tensor:
        """Frame coordinates (…, d): `v` turned back to the origin."""
        return v[..., 1:] - v[..., :1] * self._tilt(x)

    def logdetexp(self, u: Tensor) -> Tensor:
        """(d − 1) log[sin r / r] with r = |u| below π."""
        return (u.shape[-1] - 1) * log_sinc(_square(u).squeeze(-1))

    def dist(self, x: Tensor, y: Tensor) -> Tensor:
        """2 atan2(|x − y|, |x + y|): exact from 0 to π; its gradient at both ends is 0."""
        return 2 * torch.atan2(_root(_square(x - y)), _root(_square(x + y))).squeeze(-1)

    def pairwise_dist(self, x: Tensor, y: Tensor) -> Tensor:
        """Distances (N, K); near π to the root of what the dtype resolves."""
        square = squared_distances(x, y)
        rest = (4 - square).clamp_min(torch.finfo(x.dtype).eps)
        return 2 * torch.atan2(_root(square), rest.sqrt())

    def queries(self, x: Tensor) -> Tensor:
        """``-x``: with `keys` it is −cos of the distance."""
        return -x

    def keys(self, y: Tensor) -> Tensor:
        """Return `y`."""
        return y

    def hessian_bound(self, u: Tensor) -> Tensor:
        """Ones (…): along the geodesic; across it the Hessian is r cot r, which is less."""
        return torch.ones_like(u[..., 0])

    def centroids(self, points: Tensor, assignment: Tensor, k: int, weights: Tensor | None = None) -> Tensor:
        """Sums (k, d + 1) of the groups, divided by their lengths."""
        return self.project(group_sums(points, assignment, k, weights))

    def to_euclidean(self, z: Tensor) -> Tensor:
        """Return `z`: any chart of fewer coordinates would tear the sphere somewhere."""
        return z

    def lift(self, z: Tensor) -> Tensor:
        """Return `z`: great spheres are linear in the embedding."""
        return z

    def hyperplanes(self, direction: Tensor, offset: Tensor) -> tuple[Tensor, Tensor]:
        """Normals ``(-sin r, cos r unit direction)`` of great spheres and lengths of the directions (m, d)."""
        length = torch.linalg.vector_norm(direction, dim=-1, keepdim=True).clamp_min(torch.finfo(direction.dtype).eps)
        angle = offset.unsqueeze(-1)
        return torch.cat([-angle.sin(), angle.cos() * direction / length], dim=-1), length.squeeze(-1)
