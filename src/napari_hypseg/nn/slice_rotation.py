"""Rotation of slices, and a siamese network that classifies the angle between two of them."""

import math
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from napari_hypseg.nn.slice_encoder import SliceEncoder

RINGS = 6
"""Number of radii at which super-pixels are sampled around the centre."""
EMBEDDING = 32
MIN_ENERGY = 1e-3
"""Smallest energy of a super-pixel in the denominator, so that empty slices do not count as similar."""


def rotate_slices(slices: Tensor, angles: Tensor) -> Tensor:
    """Rotate square slices (n, c, s, s) by `angles` (n,) in radians about their centres, and mask the inscribed disc.

    Without the mask, rotated corners would reveal the angle.
    """
    cos, sin, zero = torch.cos(angles), torch.sin(angles), torch.zeros_like(angles)
    matrix = torch.stack([torch.stack([cos, -sin, zero], 1), torch.stack([sin, cos, zero], 1)], 1)
    grid = F.affine_grid(matrix, list(slices.shape), align_corners=False)
    return F.grid_sample(slices, grid, padding_mode="border", align_corners=False) * _disc(slices)


def _disc(slices: Tensor) -> Tensor:
    line = torch.linspace(-1, 1, slices.shape[-1], device=slices.device)
    return (line[:, None] ** 2 + line**2 <= 1).to(slices.dtype)


class AngleClassifier(nn.Module):
    """Log-odds (n, angles) of the angle between two slices.

    Both slices pass one encoder; its super-pixels are sampled along circles and cross-correlated over all angles. A
    rotationally symmetric slice gives no evidence for any angle.

    Parameters
    ----------
    encoder
        Shared by both slices.
    angles
        Number of equal steps of a full turn.
    """

    circles: Tensor

    def __init__(self, encoder: SliceEncoder, angles: int) -> None:
        super().__init__()
        self.encoder, self.angles = encoder, angles
        self.project = nn.Conv2d(encoder.width, EMBEDDING, 1)
        self.ring_weight = nn.Parameter(torch.zeros(RINGS))
        self.log_gain = nn.Parameter(torch.tensor(2.0))
        angle = torch.arange(angles) * (2 * math.pi / angles)
        radius = ((torch.arange(RINGS) + 0.5) / RINGS)[:, None]
        self.register_buffer("circles", torch.stack([radius * torch.cos(angle), radius * torch.sin(angle)], -1))

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """Compare slices (n, c, s, s) pair by pair."""
        polar = self._polar(torch.cat([first, second]))
        one, two = polar.chunk(2)
        spectrum = (torch.fft.rfft(one).conj() * torch.fft.rfft(two)).sum((1, 2))
        alike = torch.fft.irfft(spectrum, n=self.angles)
        energy = torch.sqrt(one.square().sum((1, 2, 3)) * two.square().sum((1, 2, 3)))
        odds: Tensor = self.log_gain.exp() * alike / (energy + MIN_ENERGY * one[0].numel())[:, None]
        return odds

    def _polar(self, slices: Tensor) -> Tensor:
        """Embeddings (n, channels, rings, angles) without their mean along each circle."""
        features = cast(Tensor, self.project(self.encoder(slices)))
        read = F.grid_sample(features, self.circles.expand(len(slices), -1, -1, -1), align_corners=False)
        return (read - read.mean(-1, keepdim=True)) * self.ring_weight.exp()[:, None]
