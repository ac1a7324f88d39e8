"""A small 3D U-Net (Çiçek et al. 2016) that says which class a voxel is of."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

WIDTH = 16
GROUPS = 8


class UNet(nn.Module):
    """Three levels, each of two convolutions of 3³ with group norm, joined by skips.

    Parameters
    ----------
    n_channels
        Of the grey values.
    n_classes
        Of what it says.
    width
        Channels of the finest level, a multiple of 8; the coarser have two and four times as many.
    """

    stride = 4
    """Edges of what goes in are multiples of it."""

    def __init__(self, n_channels: int, n_classes: int, width: int = WIDTH) -> None:
        super().__init__()
        self.fine = _twice(n_channels, width)
        self.middle = _twice(width, 2 * width)
        self.coarse = _twice(2 * width, 4 * width)
        self.to_middle = _twice(6 * width, 2 * width)
        self.to_fine = _twice(3 * width, width)
        self.classes = nn.Conv3d(width, n_classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (b, classes, z, y, x) of grey values `x` (b, c, z, y, x)."""
        fine = self.fine(x)
        middle = self.middle(F.max_pool3d(fine, 2))
        coarse = self.coarse(F.max_pool3d(middle, 2))
        middle = self.to_middle(torch.cat([_enlarged(coarse), middle], 1))
        logits: Tensor = self.classes(self.to_fine(torch.cat([_enlarged(middle), fine], 1)))
        return logits


def _enlarged(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="trilinear", align_corners=False)


def _twice(n_in: int, n_out: int) -> nn.Sequential:
    layers = [
        part
        for size in (n_in, n_out)
        for part in (nn.Conv3d(size, n_out, 3, padding=1), nn.GroupNorm(GROUPS, n_out), nn.ReLU())
    ]
    return nn.Sequential(*layers)


def class_loss(logits: Tensor, classes: Tensor) -> Tensor:
    """Cross-entropy plus one minus the mean Dice of the classes, of logits (b, k, …) and int64 classes (b, …)."""
    shares = logits.softmax(1).transpose(0, 1).flatten(1)
    truth = F.one_hot(classes, logits.shape[1]).movedim(-1, 0).flatten(1).to(shares.dtype)
    dice = (2 * (shares * truth).sum(1) + 1) / (shares.sum(1) + truth.sum(1) + 1)
    return F.cross_entropy(logits, classes) + 1 - dice.mean()
