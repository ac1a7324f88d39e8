"""The protocols of priors and posteriors over a manifold.

Densities are with respect to the manifold's own volume, so that a Kullback-Leibler divergence estimated from them does
not depend on the chart.
"""

from typing import Protocol

import torch
from torch import Tensor


class Distribution(Protocol):
    """A distribution with a differentiable draw and a density: a prior."""

    def rsample(self, generator: torch.Generator | None, n: int | None = None) -> Tensor:
        """Differentiable draw (…, e), or (n, …, e)."""
        ...

    def log_prob(self, z: Tensor) -> Tensor:
        """Log-density (…) at `z` (…, e) with respect to the Riemannian volume."""
        ...


class Posterior(Distribution, Protocol):
    """A posterior also gives the density of its draw, computed from the noise before rounding."""

    def rsample_with_log_prob(self, generator: torch.Generator | None, n: int | None = None) -> tuple[Tensor, Tensor]:
        """A draw and its log-density."""
        ...
