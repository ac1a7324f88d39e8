"""The intensities of each label: mixtures of tissues that labels share, found by expectation-maximisation."""

import math

import torch
from torch import Tensor, nn

TISSUES = 10
"""Distributions that begin at quantiles of the grey values of all labels."""
BACKGROUND = 3
"""Distributions that begin at those of the background, whatever has no label: air, and tissue that nobody has drawn."""
CONFIDENCE = 2
"""Power of the probabilities that first shares are weighted by: voxels that are surely of a label count most."""
FIRST_STEPS = 15
"""Steps of expectation-maximisation with the probabilities of the labels as they are given."""
FIRST_WEIGHT = 0.5
"""Voxels of its first shares that a label is credited with, relative to those it is expected to have, or to those of
the median label where that has fewer. Else what explains a place best takes it, and then its tissues too."""
LEAST_DEVIATION = 0.05
"""Of standardised grey values: an image in 8 bits cannot tell more apart."""
LEAST_SHARE = 1e-5
"""Of a tissue in a label, so that every grey value is possible under every label."""
MOMENTUM = 0.2
"""Share of the newest step in the running sums."""


class LabelIntensities(nn.Module):
    """The density of grey values under each label, p(x | s) = Σₖ wₛₖ N(x; μₖ, σ²ₖ).

    Dalca et al. 2018 have one normal distribution for each label. Here they belong to tissues, which all labels share:
    a small label has too few voxels for a mean and a variance of its own, and in most labels there is more than one
    tissue.

    Parameters
    ----------
    n_labels, n_channels
        Labels, the background among them, and channels of the image.
    """

    mean: Tensor
    variance: Tensor
    shares: Tensor
    first: Tensor
    first_weight: Tensor
    counts: Tensor
    sums: Tensor

    def __init__(self, n_labels: int, n_channels: int) -> None:
        super().__init__()
        n = TISSUES + BACKGROUND
        self.register_buffer("mean", torch.zeros(n, n_channels))
        self.register_buffer("variance", torch.ones(n, n_channels))
        self.register_buffer("shares", torch.full((n_labels, n), 1 / n))
        self.register_buffer("first", torch.full((n_labels, n), 1 / n))
        self.register_buffer("first_weight", torch.zeros(n_labels, 1))
        self.register_buffer("counts", torch.zeros(n_labels, n))
        self.register_buffer("sums", torch.zeros(2, n, n_channels))

    def log_likelihood(self, x: Tensor) -> Tensor:
        """Logarithm (labels, …) of the density of grey values `x` (c, …) under each label."""
        densities, largest = self._densities(x)
        return torch.einsum("lk,k...->l...", self.shares, densities).log() + largest

    def label_means(self) -> Tensor:
        """Mean grey values (labels, c)."""
        return self.shares @ self.mean

    @torch.no_grad()
    def start(self, x: Tensor, probabilities: Tensor) -> None:
        """Begin with grey values `x` (c, n) and the probabilities (labels, n) of their labels."""
        labelled = 1 - probabilities[0]
        tissues = [self._quantiles(x, labelled, TISSUES), self._quantiles(x, probabilities[0], BACKGROUND)]
        mean, variance = (torch.cat(parts) for parts in zip(*tissues, strict=True))
        self.mean.copy_(mean)
        self.variance.copy_(variance)
        self.shares.fill_(1 / len(mean))
        self.first_weight.zero_()
        for _ in range(FIRST_STEPS):
            self._move(x, probabilities**CONFIDENCE, 1.0)
        self.first.copy_(self.shares)
        expected = probabilities.mean(dim=1, keepdim=True)
        self.first_weight.copy_(FIRST_WEIGHT * expected.minimum(expected[1:].median()))

    @torch.no_grad()
    def update(self, x: Tensor, probabilities: Tensor) -> None:
        """Move towards grey values `x` (c, n), weighted by the probabilities (labels, n) of their labels.

        The running means of several steps count, since a step sees a part of the voxels.
        """
        self._move(x, probabilities, MOMENTUM)

    def _quantiles(self, x: Tensor, weights: Tensor, count: int) -> tuple[Tensor, Tensor]:
        """Means and variances (count, c) of grey values between quantiles of their mean over the channels."""
        order = x.mean(dim=0).argsort()
        rank = weights[order].cumsum(dim=0) / weights.sum().clamp_min(1e-6)
        part = torch.empty_like(order)
        part[order] = (rank * count).long().clamp(max=count - 1)
        split = torch.stack([weights * (part == number) for number in range(count)])
        total = split.sum(dim=1, keepdim=True).clamp_min(1e-6)
        mean = split @ x.T / total
        return mean, (split @ x.square().T / total - mean.square()).clamp_min(LEAST_DEVIATION**2)

    def _move(self, x: Tensor, weights: Tensor, momentum: float) -> None:
        densities, _ = self._densities(x)
        relative = weights / (self.shares @ densities)
        counts = relative @ densities.T * self.shares / x.shape[1]
        of_tissue = (self.shares.T @ relative) * densities
        sums = torch.stack([of_tissue @ x.T, of_tissue @ x.square().T]) / x.shape[1]
        self.counts.lerp_(counts, momentum)
        self.sums.lerp_(sums, momentum)
        total = self.counts.sum(dim=0)[:, None].clamp_min(1e-9)
        self.mean.copy_(self.sums[0] / total)
        self.variance.copy_((self.sums[1] / total - self.mean.square()).clamp_min(LEAST_DEVIATION**2))
        shares = self.counts + self.first_weight * self.first
        shares = shares / shares.sum(dim=1, keepdim=True).clamp_min(1e-9) + LEAST_SHARE
        self.shares.copy_(shares / shares.sum(dim=1, keepdim=True))

    def _densities(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Densities (tissues, …) relative to the largest of each voxel, and the logarithm (…) of that."""
        shape = (*self.mean.shape, *(1,) * (x.ndim - 1))
        mean, variance = self.mean.reshape(shape), self.variance.reshape(shape)
        squares = (x.unsqueeze(0) - mean).square() / variance
        logs = -0.5 * (squares + variance.log() + math.log(2 * math.pi)).sum(dim=1)
        largest = logs.amax(dim=0)
        return (logs - largest).exp(), largest
