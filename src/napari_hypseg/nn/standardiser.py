"""Standardisation of features to mean 0 and a given standard deviation in the training volumes."""

import torch
from torch import Tensor, nn

MEASURED_BATCHES = 64
"""Number of batches that are measured; the scale is fixed afterwards, so that it does not drift during training."""
TINY = 1e-6


class Standardiser(nn.Module):
    """Means and variances of features, measured on the first batches of training and stored with the weights.

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
        if float(self.batches) >= MEASURED_BATCHES:
            return
        values = features.movedim(1, 0).flatten(1)
        self.batches += 1
        self.mean += (values.mean(1) - self.mean) / self.batches
        self.square += (values.square().mean(1) - self.square) / self.batches

    def forward(self, features: Tensor) -> Tensor:
        """Features (b, f, z, y, x) on one scale; a constant feature is 0."""
        deviation = (self.square - self.mean.square()).clamp_min(0).sqrt() + TINY
        shape = (-1, 1, 1, 1)
        return (features - self.mean.view(shape)) * (self.weights / deviation).view(shape)
