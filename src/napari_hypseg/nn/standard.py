"""Features brought to one scale: mean 0 and a given standard deviation in the volumes that are learned from."""

import torch
from torch import Tensor, nn

BATCHES = 64
"""As many batches are measured; what follows is held against them, or the scale would drift while a model learns."""
TINY = 1e-6


class Standardiser(nn.Module):
    """Means and variances of features, measured on the first batches of learning and kept with the weights.

    Parameters
    ----------
    weights
        (f,); how much each feature counts: its standard deviation afterwards.
    """

    mean: Tensor
    square: Tensor
    batches: Tensor
    weights: Tensor

    def __init__(self, weights: Tensor) -> None:
        super().__init__()
        self.register_buffer("weights", weights, persistent=False)
        self.register_buffer("mean", torch.zeros_like(weights))
        self.register_buffer("square", torch.ones_like(weights))
        self.register_buffer("batches", torch.zeros(()))

    @torch.no_grad()
    def measure(self, features: Tensor) -> None:
        """Take features (b, f, z, y, x) into account, while few have been."""
        if float(self.batches) >= BATCHES:
            return
        values = features.movedim(1, 0).flatten(1)
        self.batches += 1
        self.mean += (values.mean(1) - self.mean) / self.batches
        self.square += (values.square().mean(1) - self.square) / self.batches

    def forward(self, features: Tensor) -> Tensor:
        """Features (b, f, z, y, x) on one scale; one that never varies says nothing."""
        deviation = (self.square - self.mean.square()).clamp_min(0).sqrt() + TINY
        shape = (-1, 1, 1, 1)
        return (features - self.mean.view(shape)) * (self.weights / deviation).view(shape)
