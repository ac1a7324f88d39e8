"""The Riemannian normal on the Poincaré ball: the density that falls with the squared distance alone.

Said et al. 2014; Mathieu et al. 2019, appendix B. Of all distributions with a given Fréchet mean and variance it has
the largest entropy.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from napari_hypseg.geometry.distributions.isotropic import IsotropicDistribution, to_float64
from napari_hypseg.geometry.distributions.radial_density import (
    RadialDensity,
    implicit_reparameterisation,
    partition,
    rejection_sample,
)
from napari_hypseg.geometry.manifolds.hyperbolic_functions import log_sinhc
from napari_hypseg.geometry.manifolds.poincare import PoincareBall

NEWTON_STEPS = 8


def riemannian_normal(ball: PoincareBall, loc: Tensor, scale: Tensor) -> IsotropicDistribution:
    """Density ∝ exp(−d(loc, z)² / 2 scale²) about points `loc` (…, d), with `scale` (…) > 0."""
    return IsotropicDistribution(
        ball, loc, RiemannianNormalRadius(loc.shape[-1], ball.curvature), to_float64(scale).square().reciprocal()
    )


@dataclass(frozen=True)
class RiemannianNormalRadius:
    """Radius with density ∝ exp(−η r² / 2) (sinh(√c r) / √c)^{d−1}; η is 1 / scale².

    Parameters
    ----------
    dim
        Dimension d of the ball.
    curvature
        c > 0.
    """

    dim: int
    curvature: float

    def statistic(self, radius: Tensor) -> Tensor:
        """−r²/2."""
        return -radius.square() / 2

    def log_area(self, radius: Tensor) -> Tensor:
        """(d − 1) log(sinh(√c r) / √c)."""
        return (self.dim - 1) * (log_sinhc(self.curvature * radius.square()) + radius.log())

    def mode(self, concentration: Tensor) -> tuple[Tensor, Tensor]:
        """Most likely radius, where √c r tanh(√c r) = c (d − 1) / η, and the scale, which bounds the deviation."""
        target = self.curvature * (self.dim - 1) / concentration
        x = (target + target.square()).sqrt()
        for _ in range(NEWTON_STEPS):
            x = x - (x * x.tanh() - target) / (x.tanh() + x / x.cosh().square())
        return x / math.sqrt(self.curvature), concentration.rsqrt()

    @cached_property
    def density(self) -> RadialDensity:
        """Unnormalised density of the radius."""
        return RadialDensity(self.statistic, self.log_area, self.mode)

    def partition(self, concentration: Tensor) -> tuple[Tensor, Tensor]:
        """Log-normaliser of the radius and mean of −r²/2."""
        return partition(self.density, concentration)

    def rsample(self, concentration: Tensor, generator: torch.Generator | None) -> Tensor:
        """Radius by rejection from a normal about the mode.

        The log-density is at least as concave as that of the normal with the same scale, because log sinh is concave:
        under a common maximum it lies below it everywhere. More than half of the proposals are accepted.
        """

        def propose(eta: Tensor) -> tuple[Tensor, Tensor]:
            mode, scale = self.mode(eta)
            noise = torch.randn(len(eta), generator=generator, dtype=eta.dtype, device=eta.device)
            chance = torch.rand(len(eta), generator=generator, dtype=eta.dtype, device=eta.device)
            radius = mode + scale * noise
            inside = radius > 0
            kept = torch.where(inside, radius, mode)
            excess = self.density.log_density(eta, kept) - self.density.log_density(eta, mode) + noise.square() / 2
            return kept, inside & (chance.log() <= excess)

        with torch.no_grad():
            radius = rejection_sample(propose, concentration)
        return implicit_reparameterisation(self.density, concentration, radius)
