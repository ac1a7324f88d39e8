"""Consistency: the latent points of a crop and of a degraded copy of it are pulled together (as in scPhere)."""

import torch
from torch import Tensor

GAIN, OFFSET, NOISE = 0.2, 0.3, 0.5
"""Standard deviations of the logarithmic gain and of the offset of a copy, and the largest one of its noise."""
LEAST_SPREAD = 1e-6
"""Variance of the points below which they are all the same, and there is nothing to compare with."""


def degraded(x: Tensor, generator: torch.Generator) -> Tensor:
    """A copy of standardised crops (b, c, z, y, x) as of another exposure: gain, offset, and more noise."""
    shape = (len(x), x.shape[1], 1, 1, 1)

    def normal(size: tuple[int, ...] | torch.Size) -> Tensor:
        return torch.randn(size, generator=generator, device=x.device)

    noise = NOISE * torch.rand((len(x), 1, 1, 1, 1), generator=generator, device=x.device)
    return torch.exp(GAIN * normal(shape)) * x + OFFSET * normal(shape) + noise * normal(x.shape)


def consistency_loss(tangents: Tensor, others: Tensor) -> Tensor:
    """Mean square distance of tangent vectors (…, d) to those of the copies, relative to how far points are spread.

    It does not fall where all points shrink together.
    """
    spread = tangents.flatten(0, -2).var(dim=0).sum()
    return (tangents - others).square().sum(dim=-1).mean() / (spread + LEAST_SPREAD)
