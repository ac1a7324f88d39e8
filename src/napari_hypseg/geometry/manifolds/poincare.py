"""The Poincaré ball of sectional curvature −c.

Formulas are those of Ganea, Bécigneul and Hofmann, *Hyperbolic Neural Networks* (2018), rearranged so that nothing
cancels: distances and logarithms are built from the true difference y − x and from the gaps 1 − c|x|², sums keep one
sign, and artanh near 1 never appears. The rearrangements are exact; the tests hold them against the originals.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from napari_hypseg.errors import SettingError
from napari_hypseg.geometry.manifolds.frechet_means import KarcherMeans, group_sums, group_totals
from napari_hypseg.geometry.manifolds.hyperbolic_functions import (
    asinh,
    asinh_with_slope,
    asinhc,
    cothc,
    log_sinhc,
    tanhc,
)
from napari_hypseg.geometry.manifolds.manifold import LogmapTerms, PlaneActivation
from napari_hypseg.geometry.manifolds.pairwise_distances import squared_distances

# Points are kept at √c|x| <= 1 − RIM, where the dtype still resolves the gap to 1 (geodesic radius 6.2 and 12.2).
RIM = {torch.float32: 4e-3, torch.float64: 1e-5}
# Floor of 1 − c|x|² against division by 0; far below the gap at the rim, so that no logarithm is shortened there.
GAP_FLOOR = {torch.float32: 1e-5, torch.float64: 1e-11}
# Share of the rim's geodesic radius that locations keep to.
SAFE_FRACTION = 0.65

ASINH = PlaneActivation(asinh, asinh_with_slope)


def _square(x: Tensor) -> Tensor:
    """Squared Euclidean length (…, 1)."""
    return x.square().sum(-1, keepdim=True)


def _dot(x: Tensor, y: Tensor) -> Tensor:
    """Inner products (N,) of the rows of two (N, d) tensors."""
    products: Tensor = torch.linalg.vecdot(x, y)
    return products


@dataclass(frozen=True)
class PoincareBall(KarcherMeans):
    """The open ball of radius 1/√c with the metric of conformal factor λ = 2 / (1 − c|x|²).

    Parameters
    ----------
    curvature
        c > 0; the sectional curvature is −c.

    Raises
    ------
    SettingError
        If `curvature` is not a positive finite number.
    """

    curvature: float = 1.0
    name: ClassVar[str] = "poincare"
    plane_activation: ClassVar[PlaneActivation] = ASINH

    def __post_init__(self) -> None:
        """Refuse a curvature that is no ball."""
        if not (math.isfinite(self.curvature) and self.curvature > 0):
            raise SettingError(f"The curvature must be a number above 0, not {self.curvature}; 1 is usual.")

    @property
    def safe_radius(self) -> float:
        """About two thirds of the radius of the rim in float32, which leaves samples room below it."""
        return SAFE_FRACTION * 2 * math.atanh(1 - RIM[torch.float32]) / math.sqrt(self.curvature)

    def ambient_dim(self, dim: int) -> int:
        """Return `dim`."""
        return dim

    def _gap(self, x: Tensor) -> Tensor:
        return (1 - self.curvature * _square(x)).clamp_min(GAP_FLOOR[x.dtype])

    def conformal_factor(self, x: Tensor) -> Tensor:
        """Ratio λ (…, 1) of Riemannian to Euclidean length at `x`."""
        return 2 / self._gap(x)

    def project(self, x: Tensor) -> Tensor:
        """Scale points beyond the rim back to it; others are unchanged."""
        limit = (1 - RIM[x.dtype]) / math.sqrt(self.curvature)
        length = _square(x).clamp_min(torch.finfo(x.dtype).tiny).sqrt()
        return x * (limit / length).clamp_max(1)

    def mobius_add(self, x: Tensor, y: Tensor) -> Tensor:
        """Möbius sum x ⊕ y (…, d) (Ganea et al., eq. 4), as x plus a correction that vanishes with y."""
        c, gap = self.curvature, self._gap(x)
        bottom = gap * self._gap(y) + c * _square(x + y)
        return x + gap * (y + c * _square(y) * x) / bottom.clamp_min(torch.finfo(x.dtype).tiny)

    def expmap0(self, v: Tensor) -> Tensor:
        """tanh(√c|v|) v / (√c|v|) (Ganea et al., eq. 13), kept inside the rim."""
        return self.project(tanhc(self.curvature * _square(v)) * v)

    def logmap0(self, x: Tensor) -> Tensor:
        """artanh(√c|x|) x / (√c|x|) (Ganea et al., eq. 13), through asinh of √c|x| / √gap."""
        gap = self._gap(x)
        return asinhc(self.curvature * _square(x) / gap) * x / gap.sqrt()

    def expmap(self, x: Tensor, v: Tensor) -> Tensor:
        """Möbius sum x ⊕ tanh(√c λ|v| / 2) v / (√c|v|) (Ganea et al., eq. 12), kept inside the rim."""
        half = v / self._gap(x)
        return self.project(self.mobius_add(x, tanhc(self.curvature * _square(half)) * half))

    def logmap(self, x: Tensor, y: Tensor) -> Tensor:
        """2 / (√c λ) artanh(√c|m|) m / |m| with m = −x ⊕ y (Ganea et al., eq. 12), written in y − x."""
        c, gap_x, gap_y = self.curvature, self._gap(x), self._gap(y)
        step = y - x
        square = c * _square(step)
        ratio = square / (gap_x * gap_y)
        return (gap_x * step - square * x) * asinhc(ratio) / (gap_y * (1 + ratio).sqrt())

    def logmap_terms(self, x: Tensor, y: Tensor) -> LogmapTerms:
        """The terms of `logmap`, of one pass over the coordinates each."""
        c, step = self.curvature, y - x
        gap_x, gap_y = ((1 - c * _dot(z, z)).clamp_min_(GAP_FLOOR[z.dtype]) for z in (x, y))
        square = c * _dot(step, step)
        ratio = square / (gap_x * gap_y)
        slope = asinhc(ratio)
        factor = slope / (gap_y * (1 + ratio).sqrt_())
        return LogmapTerms(step, gap_x * factor, square * factor, ratio.sqrt_() * slope * (2 / math.sqrt(c)))

    def transp0(self, x: Tensor, v: Tensor) -> Tensor:
        """Parallel transport from the origin: (λ_0 / λ_x) v; no rotation (Ganea et al., theorem 4)."""
        return v * self._gap(x)

    def from_frame(self, x: Tensor, u: Tensor) -> Tensor:
        """Divide by the conformal factor: u / λ_x."""
        return u * self._gap(x) / 2

    def to_frame(self, x: Tensor, v: Tensor) -> Tensor:
        """Multiply by the conformal factor: λ_x v."""
        return v * self.conformal_factor(x)

    def logdetexp(self, u: Tensor) -> Tensor:
        """(d − 1) log[sinh(√c r) / (√c r)] with r = |u| (Nagano et al. 2019, eq. 10)."""
        return (u.shape[-1] - 1) * log_sinhc(self.curvature * _square(u).squeeze(-1))

    def _dist(self, square: Tensor) -> Tensor:
        """Distance from |x − y|² / (gap_x gap_y); the floor gives coincident points the gradient 0."""
        root = (self.curvature * square).clamp_min(torch.finfo(square.dtype).tiny).sqrt()
        return asinh(root) * (2 / math.sqrt(self.curvature))

    def dist(self, x: Tensor, y: Tensor) -> Tensor:
        """2/√c asinh(√c|x − y| / √(gap_x gap_y)): the arcosh formula by the half angle, exact near 0."""
        return self._dist((_square(x - y) / (self._gap(x) * self._gap(y))).squeeze(-1))

    def pairwise_dist(self, x: Tensor, y: Tensor) -> Tensor:
        """Distances (N, K) between `x` (N, d) and `y` (K, d)."""
        return self._dist(squared_distances(x, y) / (self._gap(x) * self._gap(y).T))

    def queries(self, x: Tensor) -> Tensor:
        """``(1 + c|x|², -2cx)``: with `keys` it is gap_x cosh(√c d)."""
        return torch.cat([1 + self.curvature * _square(x), -2 * self.curvature * x], dim=-1)

    def keys(self, y: Tensor) -> Tensor:
        """``(λ - 1, λy)``: the point on the hyperboloid."""
        factor = self.conformal_factor(y)
        return torch.cat([factor - 1, factor * y], dim=-1)

    def hessian_bound(self, u: Tensor) -> Tensor:
        """√c r coth(√c r) with r = |u|."""
        return cothc(self.curvature * _square(u).squeeze(-1))

    def centroids(self, points: Tensor, assignment: Tensor, k: int, weights: Tensor | None = None) -> Tensor:
        """Einstein midpoints (k, d), which are the Lorentz centroids (Law et al. 2019) seen in the ball."""
        factors = self.conformal_factor(points).squeeze(-1)
        each = torch.ones_like(factors) if weights is None else weights
        totals = group_totals(assignment, k, (factors - 1) * each).clamp_min(torch.finfo(points.dtype).tiny)
        klein = group_sums(points, assignment, k, factors * each) / totals
        return self.project(klein / (1 + (1 - self.curvature * _square(klein)).clamp_min(0).sqrt()))

    def to_euclidean(self, z: Tensor) -> Tensor:
        """Frame coordinates of the logarithm at the origin."""
        return 2 * self.logmap0(z)

    def lift(self, z: Tensor) -> Tensor:
        """``(λ - 1, √c λz)``: hyperboloid coordinates, in which hyperplanes are linear."""
        factor = self.conformal_factor(z)
        return torch.cat([factor - 1, factor * (math.sqrt(self.curvature) * z)], dim=-1)

    def hyperplanes(self, direction: Tensor, offset: Tensor) -> tuple[Tensor, Tensor]:
        """Normals ``(-sinh 2√c r, unit direction cosh 2√c r)`` and magnitudes 2|a|/√c (Shimizu et al. 2021, eq. 6).

        The offset r is kept inside the rim, as every point is; cosh cannot overflow then.
        """
        root = math.sqrt(self.curvature)
        limit = math.atanh(1 - RIM[direction.dtype])
        angle = 2 * (root * offset).clamp(-limit, limit).unsqueeze(-1)
        length = torch.linalg.vector_norm(direction, dim=-1, keepdim=True).clamp_min(torch.finfo(direction.dtype).eps)
        normals = torch.cat([-angle.sinh(), angle.cosh() * direction / length], dim=-1)
        return normals, length.squeeze(-1) * (2 / root)
