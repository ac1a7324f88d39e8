"""A small 3-D U-Net that tells sample from surroundings voxel by voxel (Çiçek et al. 2016)."""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def _block(n_in: int, n_out: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv3d(n_in, n_out, 3, padding=1, padding_mode="replicate", bias=False), nn.BatchNorm3d(n_out), nn.ReLU()
    )


class Outliner(nn.Module):
    """Coarse volumes (n, channels, z, y, x) to log-odds (n, z, y, x) of being sample.

    Parameters
    ----------
    n_channels
        Channels of the volume.
    width
        Channels of the finest level; each of the two coarser ones has twice as many.
    """

    def __init__(self, n_channels: int, width: int = 8) -> None:
        super().__init__()
        self.fine = nn.Sequential(_block(n_channels, width), _block(width, width))
        self.middle = nn.Sequential(_block(width, 2 * width), _block(2 * width, 2 * width))
        self.coarse = nn.Sequential(_block(2 * width, 4 * width), _block(4 * width, 4 * width))
        self.join_middle = _block(6 * width, 2 * width)
        self.join_fine = _block(3 * width, width)
        self.last = nn.Conv3d(width, 1, 1)

    def forward(self, volumes: Tensor) -> Tensor:
        """Log-odds of every cell."""
        fine = cast(Tensor, self.fine(volumes))
        middle = cast(Tensor, self.middle(_halved(fine)))
        coarse = cast(Tensor, self.coarse(_halved(middle)))
        middle = cast(Tensor, self.join_middle(torch.cat([_like(coarse, middle), middle], 1)))
        fine = cast(Tensor, self.join_fine(torch.cat([_like(middle, fine), fine], 1)))
        return cast(Tensor, self.last(fine))[:, 0]


def _halved(features: Tensor) -> Tensor:
    """Half as many cells along each axis; an axis of one cell stays."""
    factors = [2 if n > 1 else 1 for n in features.shape[2:]]
    return F.avg_pool3d(features, factors, ceil_mode=True)


def _like(features: Tensor, other: Tensor) -> Tensor:
    return F.interpolate(features, size=other.shape[2:], mode="trilinear", align_corners=False)
