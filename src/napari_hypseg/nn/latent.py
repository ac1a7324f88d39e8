"""A latent space: a manifold with its posterior, prior and divergence. Models differ by this alone."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from napari_hypseg.geometry.distributions import WrappedNormal, kl_monte_carlo
from napari_hypseg.geometry.manifold import Manifold

SCALE_FLOOR = 1e-5
"""Least posterior scale: keeps the log density finite."""
MAX_TANGENT = 6.0
"""Longest tangent vector a location is made from: beyond it float32 points lie on the rim of the ball (METHODS: 6.2)."""


@dataclass(frozen=True)
class Latent:
    """Wrapped normal posterior and prior on a manifold (Nagano et al. 2019; Mathieu et al. 2019).

    Parameters
    ----------
    manifold
        Where the points live.
    latent_dim
        Dimension d of the manifold.
    """

    manifold: Manifold
    latent_dim: int

    def locate(self, tangent: Tensor) -> Tensor:
        """Points (…, d) on the manifold from tangent vectors (…, d) at the origin, through the exponential map."""
        norm = tangent.norm(dim=-1, keepdim=True).clamp_min(1e-7)
        shortened = tangent * (MAX_TANGENT * torch.tanh(norm / MAX_TANGENT) / norm)
        return self.manifold.expmap0(shortened)

    def posterior(self, tangent: Tensor, raw_scale: Tensor) -> WrappedNormal:
        """Posterior with location ``expmap0(tangent)`` and scale ``softplus(raw_scale)``, both from (…, d)."""
        return WrappedNormal(self.manifold, self.locate(tangent), functional.softplus(raw_scale) + SCALE_FLOOR)

    def kl(self, posterior: WrappedNormal, z: Tensor) -> Tensor:
        """Monte-Carlo estimate (…) of KL(posterior ‖ prior) at the sample `z` (…, d), prior of scale 1 at the origin."""
        origin = torch.zeros_like(z)
        prior = WrappedNormal(self.manifold, origin, torch.ones_like(z))
        return kl_monte_carlo(posterior, prior, z)
