"""The intensities of each label: normal distributions, updated in closed form by expectation-maximisation."""

import math

import torch
from torch import Tensor, nn

BACKGROUND = 3
"""Distributions of the background, which is whatever has no label: air, and tissue that nobody has drawn."""
POOLED_VOXELS = 100.0
"""Voxels of the pooled variance that every label is credited with: those of a small label say little, and a variance
of its own would let it take the voxels of its neighbours or lose its own."""
FIRST_SHARE = 0.1
"""Voxels of its first mean that a label is credited with, relative to those it is expected to have: a small label wins
few voxels from its neighbours, and would else be drawn to their outliers."""
CONFIDENCE = 2
"""Power of the probabilities by which first means are weighted: voxels that are surely of a label count most."""
LARGEST_SHARE = 0.3
"""Largest variance of a label, relative to that of all that has one. Before the shape is found, a label holds voxels of
its neighbours, and a wide distribution would keep them."""
LEAST_VARIANCE = 0.05**2
"""Of standardised grey values: an image in 8 bits cannot tell more apart."""
MOMENTUM = 0.2
"""Share of the newest step in the running sums."""


class LabelGaussians(nn.Module):
    """Means and variances of grey values: p(x | s) of Dalca et al. 2018.

    There gradient descent learns them. Here a step is that of expectation-maximisation, variances are drawn towards the
    one that labels have in common, and the background has several distributions.

    Parameters
    ----------
    n_labels, n_channels
        Labels, the background among them, and channels of the image.
    """

    mean: Tensor
    variance: Tensor
    share: Tensor
    sums: Tensor
    first: Tensor

    def __init__(self, n_labels: int, n_channels: int) -> None:
        super().__init__()
        n = n_labels - 1 + BACKGROUND
        self.register_buffer("mean", torch.zeros(n, n_channels))
        self.register_buffer("variance", torch.ones(n, n_channels))
        self.register_buffer("share", torch.full((BACKGROUND,), 1 / BACKGROUND))
        self.register_buffer("sums", torch.zeros(3, n, n_channels))
        self.register_buffer("first", torch.zeros(2, n, n_channels))

    def log_likelihood(self, x: Tensor) -> Tensor:
        """Logarithm (labels, …) of the density of grey values `x` (c, …) under each label."""
        densities = self._log_densities(x)
        background = densities[:BACKGROUND].logsumexp(dim=0, keepdim=True)
        return torch.cat([background, densities[BACKGROUND:]])

    def label_means(self) -> Tensor:
        """Mean grey values (labels, c)."""
        background = self.share @ self.mean[:BACKGROUND]
        return torch.cat([background[None], self.mean[BACKGROUND:]])

    @torch.no_grad()
    def start(self, x: Tensor, probabilities: Tensor) -> None:
        """Begin with grey values `x` (c, n) and the probabilities (labels, n) of their labels.

        The distributions of the background begin at quantiles of its grey values.
        """
        weights = probabilities[0]
        order = x.mean(dim=0).argsort()
        rank = weights[order].cumsum(dim=0) / weights.sum().clamp_min(1e-6)
        part = torch.empty_like(order)
        part[order] = (rank * BACKGROUND).long().clamp(max=BACKGROUND - 1)
        split = torch.stack([weights * (part == number) for number in range(BACKGROUND)])
        weights = torch.cat([split, probabilities[1:]])
        sure = weights**CONFIDENCE
        mean = (sure @ x.T) / sure.sum(dim=1, keepdim=True).clamp_min(1e-6)
        count = FIRST_SHARE * weights.sum(dim=1, keepdim=True).expand_as(mean)
        self.first.copy_(torch.stack([count, mean]))
        self.sums.zero_()
        self._move(x, sure)

    @torch.no_grad()
    def update(self, x: Tensor, probabilities: Tensor) -> None:
        """Move towards grey values `x` (c, n), weighted by the probabilities (labels, n) of their labels.

        The running sums of several steps count, since a step sees a part of the voxels.
        """
        split = probabilities[:1] * self._log_densities(x)[:BACKGROUND].softmax(dim=0)
        self._move(x, torch.cat([split, probabilities[1:]]))

    def _move(self, x: Tensor, weights: Tensor) -> None:
        total = weights.sum(dim=1, keepdim=True).expand(-1, len(x))
        fresh = torch.stack([total, weights @ x.T, weights @ x.square().T])
        began = bool(self.sums.any())
        self.sums.copy_(torch.lerp(self.sums, fresh, MOMENTUM if began else 1.0))
        n, sums, squares = self.sums
        count, first = self.first
        self.mean.copy_((sums + count * first) / (n + count).clamp_min(1e-6))
        spread = (squares - 2 * self.mean * sums + self.mean.square() * n).clamp_min(0)
        pooled = spread[BACKGROUND:].sum(dim=0) / n[BACKGROUND:].sum(dim=0).clamp_min(1)
        variance = (spread + POOLED_VOXELS * pooled) / (n + POOLED_VOXELS)
        variance[BACKGROUND:] = variance[BACKGROUND:].minimum(LARGEST_SHARE * self._labelled_variance())
        self.variance.copy_(variance.clamp_min(LEAST_VARIANCE))
        background = n[:BACKGROUND, 0] + 1
        self.share.copy_(background / background.sum())

    def _labelled_variance(self) -> Tensor:
        """Variance (c,) of the grey values of all that has a label."""
        n, sums, squares = self.sums[:, BACKGROUND:].sum(dim=1)
        count = n.clamp_min(1)
        variance: Tensor = squares / count - (sums / count).square()
        return variance

    def _log_densities(self, x: Tensor) -> Tensor:
        """Logarithm (distributions, …) of each density, of those of the background times their shares."""
        shape = (*self.mean.shape, *(1,) * (x.ndim - 1))
        mean, variance = self.mean.reshape(shape), self.variance.reshape(shape)
        squares = (x.unsqueeze(0) - mean).square() / variance
        densities = -0.5 * (squares + variance.log() + math.log(2 * math.pi)).sum(dim=1)
        shares = torch.cat([self.share.log(), self.share.new_zeros(len(self.mean) - BACKGROUND)])
        return densities + shares.reshape(-1, *(1,) * (x.ndim - 1))
