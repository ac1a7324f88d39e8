"""A latent space: a manifold with its posterior, prior and divergence. Models differ by this alone."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from napari_hypseg.geometry.distributions import WrappedNormal
from napari_hypseg.geometry.manifold import Manifold

SCALE_FLOOR = 1e-3
"""Least posterior scale: a latent that tells more than this of a voxel tells its noise."""
MAX_RADIUS = 4.0
"""Largest geodesic radius of a location where the curvature is at most 1, less by its root where it is higher: leaves
samples room below the rim that float32 resolves (radius 6.2 at curvature 1)."""


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
        """Points (…, d) on the manifold from frame coordinates (…, d) at the origin, through the exponential map."""
        norm = tangent.norm(dim=-1, keepdim=True).clamp_min(1e-7)
        limit = MAX_RADIUS / math.sqrt(max(1.0, self.manifold.curvature))
        shortened = tangent * (limit * torch.tanh(norm / limit) / norm)
        origin = torch.zeros_like(shortened)
        return self.manifold.expmap0(self.manifold.from_frame(origin, shortened))

    def posterior(self, tangent: Tensor, raw_scale: Tensor) -> WrappedNormal:
        """Posterior with location ``locate(tangent)`` and scale ``softplus(raw_scale)``, both from (…, d)."""
        return WrappedNormal(self.manifold, self.locate(tangent), functional.softplus(raw_scale) + SCALE_FLOOR)

    def sample(self, posterior: WrappedNormal, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """One draw (…, d) and its Monte-Carlo estimate (…) of KL(posterior ‖ prior); the prior has scale 1."""
        z, log_posterior = posterior.rsample_with_log_prob(generator)
        prior = WrappedNormal(self.manifold, torch.zeros_like(z), z.new_ones(()))
        return z, log_posterior - prior.log_prob(z)
