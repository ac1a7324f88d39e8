"""A small residual network over 2-D slices, with Monte Carlo dropout."""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class ChannelDropout(nn.Module):
    """Dropout of whole channels; `shared` drops the same ones in every slice, so that slices stay comparable.

    Parameters
    ----------
    rate
        Share of channels dropped, in [0, 1).
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate, self.shared = rate, False

    def forward(self, features: Tensor) -> Tensor:
        """Drop channels of `features` (n, c, y, x) while training or asked to."""
        if not self.training or self.rate == 0:
            return features
        slices = 1 if self.shared else len(features)
        kept = torch.rand(slices, features.shape[1], 1, 1, device=features.device) >= self.rate
        return features * kept / (1 - self.rate)


class ResidualBlock(nn.Module):
    """Two convolutions around a dropout, beside a shortcut (He et al. 2016)."""

    def __init__(self, n_in: int, n_out: int, stride: int, dropout: float) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(n_in, n_out, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(n_out),
            nn.ReLU(),
            ChannelDropout(dropout),
            nn.Conv2d(n_out, n_out, 3, padding=1, bias=False),
            nn.BatchNorm2d(n_out),
        )
        same = n_in == n_out and stride == 1
        self.shortcut = nn.Identity() if same else nn.Conv2d(n_in, n_out, 1, stride, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        """Features (n, c, y, x) to (n, c', y / stride, x / stride)."""
        return F.relu(cast(Tensor, self.body(features)) + cast(Tensor, self.shortcut(features)))


class SliceEncoder(nn.Module):
    """Slices (n, channels, y, x) to super-pixel embeddings (n, `width`, y / `stride`, x / `stride`).

    A ResNet small enough to train in seconds on two cores: a stem and two residual blocks, without pooling or head.

    Parameters
    ----------
    n_channels
        Channels of the volume.
    dropout
        Share of channels dropped.
    """

    stride = 4

    def __init__(self, n_channels: int, dropout: float, width: int = 16) -> None:
        super().__init__()
        self.width = 2 * width
        self.stem = nn.Sequential(
            nn.Conv2d(n_channels, width, 5, 2, padding=2, bias=False), nn.BatchNorm2d(width), nn.ReLU()
        )
        self.blocks = nn.Sequential(
            ResidualBlock(width, width, 1, dropout), ResidualBlock(width, 2 * width, 2, dropout)
        )
        self.dropout = ChannelDropout(dropout)

    def forward(self, slices: Tensor) -> Tensor:
        """Embed slices."""
        return cast(Tensor, self.dropout(self.blocks(self.stem(slices))))

    def enable_mc_dropout(self, shared: bool) -> None:
        """Evaluate with dropout, of the same channels in all slices if `shared`; batch norms use running values."""
        self.eval()
        for module in self.modules():
            if isinstance(module, ChannelDropout):
                module.shared = shared
                module.train(shared)
