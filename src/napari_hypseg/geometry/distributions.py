"""Distributions over a manifold: how a latent is drawn and how likely it is.

Densities are with respect to the manifold's own volume, so that a Kullback-Leibler divergence estimated from them does
not depend on the chart.
"""

from typing import Protocol

import torch
from torch import Tensor


class Distribution(Protocol):
    """What a prior can do."""

    def rsample(self, generator: torch.Generator | None, n: int | None = None) -> Tensor:
        """Differentiable draw (…, e), or (n, …, e)."""
        ...

    def log_prob(self, z: Tensor) -> Tensor:
        """Log-density (…) at `z` (…, e) with respect to the Riemannian volume."""
        ...


class Posterior(Distribution, Protocol):
    """What a posterior can do beside: it tells the density of a draw from the noise, before rounding."""

    def rsample_with_log_prob(self, generator: torch.Generator | None, n: int | None = None) -> tuple[Tensor, Tensor]:
        """A draw and its log-density."""
        ...


def kl_monte_carlo(posterior: Distribution, prior: Distribution, z: Tensor) -> Tensor:
    """Unbiased estimate (…) of KL(posterior ‖ prior): log-ratios at draws `z` (n, …, d), averaged over the n draws."""
    return (posterior.log_prob(z) - prior.log_prob(z)).mean(0)
