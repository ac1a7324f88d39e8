"""Distributions about a point that know no direction: a direction drawn evenly and a geodesic radius from a law.

Riemannian normal, von Mises-Fisher and Power Spherical are all of this kind: their density with respect to the volume
of the manifold is ``exp(η T(r))`` up to a factor, with η the concentration and T what tells them apart. Draw, density
and entropy need no more than that.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor

from napari_hypseg.geometry.manifold import Manifold
from napari_hypseg.geometry.precise import precise, precise_generator


class RadiusLaw(Protocol):
    """The geodesic radius r of a point, with density ``exp(η T(r)) a(r)`` up to a factor; all tensors are float64.

    a(r) is the area of the geodesic sphere of radius r relative to that of the unit sphere in the tangent space.
    """

    @property
    def dim(self) -> int:
        """Dimension d of the manifold."""
        ...

    def statistic(self, radius: Tensor) -> Tensor:
        """T(r), elementwise."""
        ...

    def partition(self, concentration: Tensor) -> tuple[Tensor, Tensor]:
        """``log ∫ exp(η T) a dr`` and the mean of T, differentiable once with respect to η."""
        ...

    def rsample(self, concentration: Tensor, generator: torch.Generator | None) -> Tensor:
        """One radius for each concentration, differentiable with respect to it."""
        ...


def log_area(dim: int) -> float:
    """Log of the area of the unit sphere of dimension `dim`, 2 π^{(dim+1)/2} / Γ((dim+1)/2)."""
    half = (dim + 1) / 2
    return math.log(2) + half * math.log(math.pi) - math.lgamma(half)


@dataclass(frozen=True, eq=False)
class Polar:
    """A law of the radius about a location.

    Parameters
    ----------
    manifold
        Where it lives.
    loc
        Points (…, e).
    law
        How far samples are from it.
    concentration
        η (…), broadcasting against `loc` without its last axis.
    """

    manifold: Manifold
    loc: Tensor
    law: RadiusLaw
    concentration: Tensor

    def rsample(self, generator: torch.Generator | None, n: int | None = None) -> Tensor:
        """Differentiable draw (…, e), or (n, …, e), with noise from `generator` on the device of `loc`."""
        return self.rsample_with_log_prob(generator, n)[0]

    def rsample_with_log_prob(self, generator: torch.Generator | None, n: int | None = None) -> tuple[Tensor, Tensor]:
        """A draw and its log-density, the latter from the radius itself and not from what rounding leaves of it."""
        shape = torch.broadcast_shapes(self.loc.shape[:-1], self.concentration.shape)
        shape = shape if n is None else torch.Size((n, *shape))
        radius = self.law.rsample(self._eta.expand(shape), precise_generator(generator))
        noise = torch.randn((*shape, self.law.dim), generator=generator, dtype=self.loc.dtype, device=self.loc.device)
        direction = noise / noise.norm(dim=-1, keepdim=True).clamp_min(torch.finfo(noise.dtype).tiny)
        u = radius.to(self.loc).unsqueeze(-1) * direction
        z = self.manifold.expmap(self.loc, self.manifold.from_frame(self.loc, u))
        return z, self._log_density(radius)

    def log_prob(self, z: Tensor) -> Tensor:
        """Log-density (…) at `z` (…, e) with respect to the Riemannian volume."""
        return self._log_density(precise(self.manifold.dist(self.loc, z)))

    def negentropy(self) -> Tensor:
        """Mean (…) of the log-density under itself, in closed form."""
        log_partition, mean = self._partition
        return (self._eta * mean - log_partition - log_area(self.law.dim - 1)).to(self.loc)

    @cached_property
    def _eta(self) -> Tensor:
        return precise(self.concentration)

    @cached_property
    def _partition(self) -> tuple[Tensor, Tensor]:
        return self.law.partition(self._eta)

    def _log_density(self, radius: Tensor) -> Tensor:
        exponent = self._eta * self.law.statistic(radius)
        return (exponent - self._partition[0] - log_area(self.law.dim - 1)).to(self.loc)
