"""The von Mises-Fisher distribution on the sphere: density ∝ exp(κ cos r) at angle r from its location."""

import math
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from napari_hypseg.geometry.distributions.isotropic import IsotropicDistribution
from napari_hypseg.geometry.distributions.radial_density import (
    RadialDensity,
    implicit_reparameterisation,
    partition,
    rejection_sample,
)
from napari_hypseg.geometry.manifolds.sphere import Sphere


def von_mises_fisher(loc: Tensor, concentration: Tensor) -> IsotropicDistribution:
    """Density ∝ exp(κ <loc, z>) about unit vectors `loc` (…, d + 1), with κ = `concentration` (…) >= 0."""
    return IsotropicDistribution(Sphere(), loc, VonMisesFisherRadius(loc.shape[-1] - 1), concentration)


@dataclass(frozen=True)
class VonMisesFisherRadius:
    """Angle with density ∝ exp(κ cos r) sin(r)^{d−1}.

    Parameters
    ----------
    dim
        Dimension d of the sphere; texts that count the coordinates of the embedding call it p − 1 or m − 1.
    """

    dim: int

    def statistic(self, radius: Tensor) -> Tensor:
        """Cosine of the angle."""
        return radius.cos()

    def log_area(self, radius: Tensor) -> Tensor:
        """(d − 1) log sin r."""
        return (self.dim - 1) * radius.sin().log()

    def mode(self, concentration: Tensor) -> tuple[Tensor, Tensor]:
        """Most likely angle, where κ sin² r = (d − 1) cos r, and a bound on the deviation.

        π/2 times that of the normal that fits there: 1 − cos r is at least (2/π)² r² / 2.
        """
        n = self.dim - 1
        cosine = 2 * concentration / (n + (n * n + 4 * concentration.square()).sqrt())
        sine_square = (1 - cosine) * (1 + cosine)
        return cosine.acos(), math.pi / 2 * (concentration * cosine + n / sine_square).rsqrt()

    @cached_property
    def density(self) -> RadialDensity:
        """Unnormalised density of the radius."""
        return RadialDensity(self.statistic, self.log_area, self.mode, math.pi)

    def partition(self, concentration: Tensor) -> tuple[Tensor, Tensor]:
        """Log-normaliser of the angle and mean of its cosine, I_{(d+1)/2}(κ) / I_{(d−1)/2}(κ)."""
        return partition(self.density, concentration)

    def rsample(self, concentration: Tensor, generator: torch.Generator | None) -> Tensor:
        """Angle by rejection (Wood 1994), with the gradient that the rejection itself does not have."""

        def propose(kappa: Tensor) -> tuple[Tensor, Tensor]:
            n = self.dim
            b = n / (2 * kappa + (4 * kappa.square() + n * n).sqrt())
            at = (1 - b) / (1 + b)
            beta = self._beta(len(kappa), generator, kappa)
            cosine = (1 - (1 + b) * beta) / (1 - (1 - b) * beta)
            excess = kappa * (cosine - at) + n * ((1 - at * cosine) / (1 - at.square())).log()
            chance = torch.rand(len(kappa), generator=generator, dtype=kappa.dtype, device=kappa.device)
            # The half angle, because the cosine of a small one says little of it.
            half = (b * beta / (1 - (1 - b) * beta)).sqrt().asin()
            return 2 * half, chance.log() <= excess

        with torch.no_grad():
            radius = rejection_sample(propose, concentration)
        return implicit_reparameterisation(self.density, concentration, radius)

    def _beta(self, n: int, generator: torch.Generator | None, like: Tensor) -> Tensor:
        """Beta(d/2, d/2) draws (n,): where a point drawn evenly on the sphere lies between two poles, from 0 to 1."""
        noise = torch.randn(n, self.dim + 1, generator=generator, dtype=like.dtype, device=like.device)
        beta: Tensor = (1 + noise[:, 0] / noise.norm(dim=-1)) / 2
        return beta
