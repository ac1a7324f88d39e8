"""Normaliser, mean, pathwise gradient and rejection sampling of a one-dimensional density of a radius.

Integrals are Gauss-Legendre quadratures about the mode. The closed forms are not used: the normaliser of the Riemannian
normal is an alternating sum that keeps no digit in high dimension or at small scale, and Bessel functions underflow.
The densities are smooth and unimodal, so that sixty nodes leave an error near that of float64 in every dimension.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor

NODES = 64
HALF_WIDTH = 10.0
"""Half width of the integration interval, in bounds on the standard deviation: e^{-50} of the density is left out."""
TINY = 1e-300


@dataclass(frozen=True)
class RadialDensity:
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


def partition(density: RadialDensity, eta: Tensor) -> tuple[Tensor, Tensor]:
    """``log ∫ exp(η T) a dr`` and the mean of T, float64, differentiable once with respect to η."""
    log_total, mean, variance = _moments(density, eta.detach())
    return with_gradient(log_total, mean, eta), with_gradient(mean, variance, eta)


def implicit_reparameterisation(density: RadialDensity, eta: Tensor, radius: Tensor) -> Tensor:
    """`radius`, drawn by any means, with the gradient it has at a fixed value of its distribution function.

    Implicit reparameterisation (Figurnov et al. 2018): dr/dη = −∂F/∂η / p(r). In an exponential family ∂p/∂η is
    (T − E T) p, and its integral from 0 to r is the negative of that from r on; the shorter one is taken.
    """
    if not eta.requires_grad:
        return radius
    with torch.no_grad():
        slope = _quantile_derivative(density, eta.detach(), radius)
    return with_gradient(radius, slope, eta)


def with_gradient(value: Tensor, slope: Tensor, eta: Tensor) -> Tensor:
    """`value` with the derivative `slope` with respect to `eta`."""
    return value + slope * (eta - eta.detach())


def _quantile_derivative(density: RadialDensity, eta: Tensor, radius: Tensor) -> Tensor:
    at, width = density.mode(eta)
    mean = _moments(density, eta)[1]
    beyond = radius > at
    low = torch.where(beyond, radius, (radius - HALF_WIDTH * width).clamp_min(0))
    high = torch.where(beyond, (radius + HALF_WIDTH * width).clamp_max(density.end), radius)
    nodes, log_weights = _nodes(low, high)
    relative = density.log_density(eta.unsqueeze(-1), nodes) - density.log_density(eta, radius).unsqueeze(-1)
    integrand = (density.statistic(nodes) - mean.unsqueeze(-1)) * (relative + log_weights).exp()
    return torch.where(beyond, 1, -1) * integrand.sum(-1)


@torch.no_grad()
def _moments(density: RadialDensity, eta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Log-integral, mean and variance of T."""
    at, width = density.mode(eta)
    nodes, log_weights = _nodes(
        (at - HALF_WIDTH * width).clamp_min(0), (at + HALF_WIDTH * width).clamp_max(density.end)
    )
    logs = density.log_density(eta.unsqueeze(-1), nodes) + log_weights
    share = logs.softmax(-1)
    statistic = density.statistic(nodes)
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


# Every sampler here accepts more than half of what it proposes; only a parameter that is no number ever gets so far.
MAX_ROUNDS = 200


def rejection_sample(propose: Callable[[Tensor], tuple[Tensor, Tensor]], parameters: Tensor) -> Tensor:
    """The first accepted proposal for each of `parameters`, in their shape.

    Parameters
    ----------
    propose
        From parameters (n,) to proposals (n,) and whether each is accepted, bool (n,).
    parameters
        Any shape.
    """
    flat = parameters.reshape(-1)
    drawn, left = torch.full_like(flat, torch.nan), torch.arange(len(flat), device=flat.device)
    for _ in range(MAX_ROUNDS):
        values, accepted = propose(flat[left])
        drawn[left[accepted]] = values[accepted]
        left = left[~accepted]
        if not len(left):
            break
    return drawn.reshape(parameters.shape)
