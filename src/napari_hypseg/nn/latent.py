"""A latent space: a manifold with a family of posteriors, its prior and divergence. Models differ by it alone."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from napari_hypseg.geometry.distributions.distribution import Posterior
from napari_hypseg.geometry.manifolds.manifold import Manifold
from napari_hypseg.nn.posteriors import PosteriorFamily

MIN_WIDTH = 1e-3
"""Smallest width of a posterior relative to the prior; a narrower one would encode the noise of a voxel."""
MAX_RADIUS = 4.0
"""Largest geodesic radius of a location, where the manifold's own safe radius is not less."""


@dataclass(frozen=True)
class Latent:
    """Latent space of a model.

    Parameters
    ----------
    manifold
        Manifold of the points.
    latent_dim
        Dimension d of the manifold, also where a point has more coordinates than that, as on the sphere.
    family
        Posterior, prior and divergence.
    """

    manifold: Manifold
    latent_dim: int
    family: PosteriorFamily[Any]

    @property
    def n_outputs(self) -> int:
        """Raw numbers an encoder gives for a posterior: d for the location and those of the widths."""
        return self.latent_dim + self.family.n_widths(self.latent_dim)

    def to_point(self, tangent: Tensor) -> Tensor:
        """Points (…, e) on the manifold from frame coordinates (…, d) at the origin, through the exponential map."""
        norm = tangent.norm(dim=-1, keepdim=True).clamp_min(1e-7)
        limit = min(MAX_RADIUS, self.manifold.safe_radius)
        shortened = tangent * (limit * torch.tanh(norm / limit) / norm)
        origin = self.manifold.expmap0(tangent.new_zeros(self.manifold.ambient_dim(self.latent_dim)))
        return self.manifold.expmap0(self.manifold.from_frame(origin, shortened))

    def posterior(self, tangent: Tensor, raw_width: Tensor) -> Posterior:
        """Posterior with location ``to_point(tangent)`` and widths from `raw_width` (…, n_outputs − d), any numbers."""
        widths = MIN_WIDTH + (1 - MIN_WIDTH) * torch.sigmoid(raw_width)
        posterior: Posterior = self.family.posterior(self.manifold, self.to_point(tangent), widths)
        return posterior

    def sample(self, posterior: Posterior, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """One draw (…, e) and KL(posterior ‖ prior) (…), exact where there is a closed form."""
        z, log_prob = posterior.rsample_with_log_prob(generator)
        return z, self.family.divergence(posterior, self.family.prior(self.manifold, z), z, log_prob)
