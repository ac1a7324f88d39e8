"""The uniform distribution on the sphere."""

from dataclasses import dataclass

import torch
from torch import Tensor

from napari_hypseg.geometry.distributions.isotropic import log_sphere_area
from napari_hypseg.geometry.manifolds.sphere import Sphere


@dataclass(frozen=True, eq=False)
class UniformSphere:
    """Uniform density over the sphere.

    Parameters
    ----------
    like
        Any points (…, d + 1), for their shape, dtype and device.
    """

    like: Tensor

    def rsample(self, generator: torch.Generator | None, n: int | None = None) -> Tensor:
        """Draw (…, d + 1), or (n, …, d + 1)."""
        shape = self.like.shape if n is None else (n, *self.like.shape)
        noise = torch.randn(shape, generator=generator, dtype=self.like.dtype, device=self.like.device)
        return Sphere().project(noise)

    def log_prob(self, z: Tensor) -> Tensor:
        """Minus the log of the sphere's area (…)."""
        return torch.full_like(z[..., 0], -log_sphere_area(z.shape[-1] - 1))
