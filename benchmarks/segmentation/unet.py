"""A small 3D U-Net (Çiçek et al. 2016) that says which class a voxel is of."""

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional as F

WIDTH = 16
GROUPS = 8


class UNet(nn.Module):
    """Four levels of convolutions of 3³ with group norm, two on the way down and one on the way up.

    Skips are added rather than joined, which halves the work at the finest level.

    Parameters
    ----------
    n_channels
        Of the grey values.
    n_classes
        Of what it says.
    width
        Channels of the finest level, a multiple of 8; the coarser have two, four and four times as many.
    """

    stride = 8
    """Edges of what goes in are multiples of it."""

    def __init__(self, n_channels: int, n_classes: int, width: int = WIDTH) -> None:
        super().__init__()
        widths = (width, 2 * width, 4 * width, 4 * width)
        self.down = nn.ModuleList(map(_block, (n_channels, *widths[:-1]), widths, (2, 2, 2, 2)))
        self.thin = nn.ModuleList(nn.Conv3d(n_in, n_out, 1) for n_out, n_in in pairwise(widths))
        self.up = nn.ModuleList(_block(n, n, 1) for n in widths[:-1])
        self.classes = nn.Conv3d(width, n_classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (b, classes, z, y, x) of grey values `x` (b, c, z, y, x)."""
        levels = [self.down[0](x)]
        for block in self.down[1:]:
            levels.append(block(F.max_pool3d(levels[-1], 2)))
        x = levels.pop()
        for block, thin in zip(reversed(self.up), reversed(self.thin), strict=True):
            wide = F.interpolate(thin(x), scale_factor=2, mode="trilinear", align_corners=False)
            x = block(levels.pop() + wide)
        logits: Tensor = self.classes(x)
        return logits


def _block(n_in: int, n_out: int, count: int) -> nn.Sequential:
    """`count` convolutions."""
    sizes = (n_in, *(n_out for _ in range(count - 1)))
    layers = [
        part
        for size in sizes
        for part in (nn.Conv3d(size, n_out, 3, padding=1, bias=False), nn.GroupNorm(GROUPS, n_out), nn.ReLU())
    ]
    return nn.Sequential(*layers)


def class_loss(logits: Tensor, classes: Tensor) -> Tensor:
    """Cross-entropy plus one minus the mean Dice of the classes, of logits (b, k, …) and int64 classes (b, …)."""
    shares = logits.softmax(1).transpose(0, 1).flatten(1)
    truth = F.one_hot(classes, logits.shape[1]).movedim(-1, 0).flatten(1).to(shares.dtype)
    dice = (2 * (shares * truth).sum(1) + 1) / (shares.sum(1) + truth.sum(1) + 1)
    return F.cross_entropy(logits, classes) + 1 - dice.mean()
