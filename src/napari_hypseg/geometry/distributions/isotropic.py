"""Distributions that are isotropic about a location: a uniform direction and a geodesic radius.

The Riemannian normal, the von Mises-Fisher and the Power Spherical distribution are of this kind: their density with
respect to the volume of the manifold is proportional to ``exp(η T(r))``, with η the concentration and T a statistic of
the radius. Draw, density and entropy need only these two. All densities of the radius are computed in float64, on the
CPU where a device has none.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor

from napari_hypseg.geometry.manifolds.manifold import Manifold

WITHOUT_FLOAT64 = ("mps",)


def float64_device(device: torch.device) -> torch.device:
    """`device`, or the processor where it has no float64."""
    return torch.device("cpu") if device.type in WITHOUT_FLOAT64 else device


def to_float64(x: Tensor) -> Tensor:
    """`x` in float64."""
    return x.to(float64_device(x.device), torch.float64)


def float64_generator(generator: torch.Generator | None) -> torch.Generator | None:
    """`generator`, or one on the processor that starts from it."""
    if generator is None or float64_device(generator.device) == generator.device:
        return generator
    seed = torch.randint(2**31, (), generator=generator, device=generator.device)
    return torch.Generator().manual_seed(int(seed))


class RadiusDistribution(Protocol):
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


def log_sphere_area(dim: int) -> float:
    """Log of the area of the unit sphere of dimension `dim`, 2 π^{(dim+1)/2} / Γ((dim+1)/2)."""
    half = (dim + 1) / 2
    return math.log(2) + half * math.log(math.pi) - math.lgamma(half)


@dataclass(frozen=True, eq=False)
class IsotropicDistribution:
    """A distribution of the radius about a location.

    Parameters
    ----------
    manifold
        Manifold of the points.
    loc
        Points (…, e).
    law
        Distribution of the geodesic radius.
    concentration
        η (…), broadcasting against `loc` without its last axis.
    """

    manifold: Manifold
    loc: Tensor
    law: RadiusDistribution
    concentration: Tensor

    def rsample(self, generator: torch.Generator | None, n: int | None = None) -> Tensor:
        """Differentiable draw (…, e), or (n, …, e), with noise from `generator` on the device of `loc`."""
        return self.rsample_with_log_prob(generator, n)[0]

    def rsample_with_log_prob(self, generator: torch.Generator | None, n: int | None = None) -> tuple[Tensor, Tensor]:
        """A draw and its log-density, the latter from the radius itself and not from what rounding leaves of it."""
        shape = torch.broadcast_shapes(self.loc.shape[:-1], self.concentration.shape)
        shape = shape if n is None else torch.Size((n, *shape))
        radius = self.law.rsample(self._eta.expand(shape), float64_generator(generator))
        noise = torch.randn((*shape, self.law.dim), generator=generator, dtype=self.loc.dtype, device=self.loc.device)
        direction = noise / noise.norm(dim=-1, keepdim=True).clamp_min(torch.finfo(noise.dtype).tiny)
        u = radius.to(self.loc).unsqueeze(-1) * direction
        z = self.manifold.expmap(self.loc, self.manifold.from_frame(self.loc, u))
        return z, self._log_density(radius)

    def log_prob(self, z: Tensor) -> Tensor:
        """Log-density (…) at `z` (…, e) with respect to the Riemannian volume."""
        return self._log_density(to_float64(self.manifold.dist(self.loc, z)))

    def negentropy(self) -> Tensor:
        """Mean (…) of the log-density under itself, in closed form."""
        log_partition, mean = self._partition
        return (self._eta * mean - log_partition - log_sphere_area(self.law.dim - 1)).to(self.loc)

    @cached_property
    def _eta(self) -> Tensor:
        return to_float64(self.concentration)

    @cached_property
    def _partition(self) -> tuple[Tensor, Tensor]:
        return self.law.partition(self._eta)

    def _log_density(self, radius: Tensor) -> Tensor:
        exponent = self._eta * self.law.statistic(radius)
        return (exponent - self._partition[0] - log_sphere_area(self.law.dim - 1)).to(self.loc)
