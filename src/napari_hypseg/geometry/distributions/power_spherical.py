"""The Power Spherical distribution (De Cao and Aziz 2020): density ∝ (1 + cos r)^κ at angle r from its location.

It resembles the von Mises-Fisher distribution, and everything about it has a closed form.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from napari_hypseg.geometry.distributions.isotropic import IsotropicDistribution
from napari_hypseg.geometry.manifolds.sphere import Sphere


def power_spherical(loc: Tensor, concentration: Tensor) -> IsotropicDistribution:
    """Density ∝ (1 + <loc, z>)^κ about unit vectors `loc` (…, d + 1), with κ = `concentration` (…) >= 0."""
    return IsotropicDistribution(Sphere(), loc, PowerSphericalRadius(loc.shape[-1] - 1), concentration)


@dataclass(frozen=True)
class PowerSphericalRadius:
    """Angle with density ∝ (1 + cos r)^κ sin(r)^{d−1}.

    Parameters
    ----------
    dim
        Dimension d of the sphere.
    """

    dim: int

    def statistic(self, radius: Tensor) -> Tensor:
        """log(1 + cos r), through the half angle."""
        return math.log(2) + 2 * (radius / 2).cos().clamp_min(torch.finfo(radius.dtype).tiny).log()

    def partition(self, concentration: Tensor) -> tuple[Tensor, Tensor]:
        """Log-normaliser of the angle and mean of log(1 + cos r) (De Cao and Aziz, eq. 5 and 12)."""
        half = self.dim / 2
        alpha = concentration + half
        both = alpha + half
        log_beta = alpha.lgamma() + math.lgamma(half) - both.lgamma()
        log_two = math.log(2)
        return (both - 1) * log_two + log_beta, log_two + alpha.digamma() - both.digamma()

    def rsample(self, concentration: Tensor, generator: torch.Generator | None) -> Tensor:
        """Angle whose squared half cosine is a Beta(d/2 + κ, d/2) draw, through two gamma draws."""
        half = self.dim / 2
        toward = torch._standard_gamma(concentration + half, generator=generator)
        away = torch._standard_gamma(torch.full_like(concentration, half), generator=generator)
        tiny = torch.finfo(concentration.dtype).tiny
        angle: Tensor = 2 * torch.atan2(away.clamp_min(tiny).sqrt(), toward.clamp_min(tiny).sqrt())
        return angle
