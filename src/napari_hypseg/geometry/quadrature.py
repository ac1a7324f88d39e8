"""Normaliser, mean and pathwise gradient of a radius, by Gauss-Legendre quadrature about the mode.

The closed forms are not used on purpose: the normaliser of the Riemannian normal is an alternating sum that keeps no
digit in high dimension or at small scale, and Bessel functions underflow. The densities are smooth bumps, for which
sixty nodes leave an error near that of float64 in every dimension.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor

NODES = 64
REACH = 10.0
"""Half width of what is integrated over, in bounds on the standard deviation: e^{-50} of the density is left out."""
TINY = 1e-300


@dataclass(frozen=True)
class Bump:
    """A family of densities ``exp(η T(r)) a(r)`` of a radius, up to a factor.

    Parameters
    ----------
    statistic, log_area
        T and log a, elementwise.
    mode
        From η to where the density is highest and a bound on its standard deviation.
    end
        Largest radius there is; the smallest is 0.
    """

    statistic: Callable[[Tensor], Tensor]
    log_area: Callable[[Tensor], Tensor]
    mode: Callable[[Tensor], tuple[Tensor, Tensor]]
    end: float = math.inf

    def log_density(self, eta: Tensor, radius: Tensor) -> Tensor:
        """Log-density up to a constant."""
        return eta * self.statistic(radius) + self.log_area(radius)


def partition(bump: Bump, eta: Tensor) -> tuple[Tensor, Tensor]:
    """``log ∫ exp(η T) a dr`` and the mean of T, float64, differentiable once with respect to η."""
    log_total, mean, variance = _moments(bump, eta.detach())
    return attached(log_total, mean, eta), attached(mean, variance, eta)


def reparameterised(bump: Bump, eta: Tensor, radius: Tensor) -> Tensor:
    """`radius`, drawn by any means, with the gradient it has at a fixed value of its distribution function.

    Implicit reparameterisation (Figurnov et al. 2018): dr/dη = −∂F/∂η / p(r). In an exponential family ∂p/∂η is
    (T − E T) p, and its integral from 0 to r is the negative of that from r on; the shorter one is taken.
    """
    if not eta.requires_grad:
        return radius
    with torch.no_grad():
        slope = _slope(bump, eta.detach(), radius)
    return attached(radius, slope, eta)


def attached(value: Tensor, slope: Tensor, eta: Tensor) -> Tensor:
    """`value` with the derivative `slope` with respect to `eta`."""
    return value + slope * (eta - eta.detach())


def _slope(bump: Bump, eta: Tensor, radius: Tensor) -> Tensor:
    at, width = bump.mode(eta)
    mean = _moments(bump, eta)[1]
    beyond = radius > at
    low = torch.where(beyond, radius, (radius - REACH * width).clamp_min(0))
    high = torch.where(beyond, (radius + REACH * width).clamp_max(bump.end), radius)
    nodes, log_weights = _nodes(low, high)
    relative = bump.log_density(eta.unsqueeze(-1), nodes) - bump.log_density(eta, radius).unsqueeze(-1)
    integrand = (bump.statistic(nodes) - mean.unsqueeze(-1)) * (relative + log_weights).exp()
    return torch.where(beyond, 1, -1) * integrand.sum(-1)


@torch.no_grad()
def _moments(bump: Bump, eta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Log-integral, mean and variance of T."""
    at, width = bump.mode(eta)
    nodes, log_weights = _nodes((at - REACH * width).clamp_min(0), (at + REACH * width).clamp_max(bump.end))
    logs = bump.log_density(eta.unsqueeze(-1), nodes) + log_weights
    share = logs.softmax(-1)
    statistic = bump.statistic(nodes)
    mean = (share * statistic).sum(-1)
    variance = (share * (statistic - mean.unsqueeze(-1)).square()).sum(-1)
    return logs.logsumexp(-1), mean, variance


def _nodes(low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
    """Nodes (…, n) between `low` and `high` (…), and the logs of their weights."""
    places, log_weights = (array.to(low.device) for array in _legendre())
    span = (high - low).unsqueeze(-1)
    return low.unsqueeze(-1) + span * places, span.clamp_min(TINY).log() + log_weights


@cache
def _legendre() -> tuple[Tensor, Tensor]:
    """Nodes and log-weights (n,) of the interval from 0 to 1."""
    places, weights = np.polynomial.legendre.leggauss(NODES)
    return torch.from_numpy((places + 1) / 2), torch.from_numpy(np.log(weights / 2))
