"""From a volume on the grid of a prior to a normal posterior of its latent map."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

SLOPE = 0.1
"""Of the rectified units below 0."""
FIRST_SCALE = -2.0
"""Logarithm of the standard deviations before learning."""


@dataclass(frozen=True)
class NormalPosterior:
    """A diagonal normal distribution of latent maps: means and logarithms of standard deviations (b, d, z, y, x)."""

    loc: Tensor
    log_scale: Tensor

    def sample(self, generator: torch.Generator) -> Tensor:
        """Maps (b, d, z, y, x), differentiable in both (the reparametrisation of Kingma and Welling 2014)."""
        noise = torch.randn(self.loc.shape, generator=generator, device=self.loc.device)
        return self.loc + self.log_scale.exp() * noise

    def kl(self) -> Tensor:
        """Kullback-Leibler divergence (b,) from the standard normal, in closed form."""
        terms = self.loc.square() + (2 * self.log_scale).exp() - 1 - 2 * self.log_scale
        return 0.5 * terms.flatten(1).sum(dim=1)


class ShapeEncoder(nn.Module):
    """Convolutions alone: each place of the latent map is inferred from what lies around it.

    Parameters
    ----------
    in_channels
        Of the volume.
    latent_dim
        Channels of the latent map.
    width
        Channels of the coarsest level.
    levels
        Times that the resolution is halved.
    """

    def __init__(self, in_channels: int, latent_dim: int, width: int, levels: int) -> None:
        super().__init__()
        widths = [max(8, width >> (levels - 1 - level)) for level in range(levels)]
        before = [in_channels, *widths[:-1]]
        strided = [nn.Conv3d(a, b, 3, stride=2, padding=1) for a, b in zip(before, widths, strict=True)]
        self.layers = nn.ModuleList([*strided, *(nn.Conv3d(width, width, 3, padding=1) for _ in range(2))])
        self.last = nn.Conv3d(width, 2 * latent_dim, 1)

    def forward(self, x: Tensor) -> NormalPosterior:
        """Posterior of volumes (b, c, z, y, x)."""
        for layer in self.layers:
            x = functional.leaky_relu(layer(x), SLOPE)
        loc, log_scale = self.last(x).chunk(2, dim=1)
        return NormalPosterior(loc, log_scale.clamp(-4, 4) + FIRST_SCALE)
