"""Gaussian scale space of volumes: smoothing and first derivatives."""

import torch
from torch import Tensor
from torch.nn import functional as F

WIDE = 3.0
"""Cells: standard deviation from which on a volume is smoothed at a lower resolution."""
TRUNCATE = 3.0


def smooth(volume: Tensor, sigma: float) -> Tensor:
    """Volumes (c, z, y, x) convolved with a Gaussian of standard deviation `sigma` cells; faces are continued.

    A wide Gaussian is applied to means over 2³ cells, whose own blur is subtracted from it.
    """
    if sigma > WIDE and min(volume.shape[1:]) >= 8:
        halved = F.avg_pool3d(volume[None], 2, ceil_mode=True, count_include_pad=False)[0]
        blurred = smooth(halved, (sigma**2 - 0.25) ** 0.5 / 2)
        z, y, x = volume.shape[1:]
        return F.interpolate(blurred[None], scale_factor=2, mode="trilinear", align_corners=False)[0][:, :z, :y, :x]
    radius = max(1, round(TRUNCATE * sigma))
    ticks = torch.arange(-radius, radius + 1, device=volume.device, dtype=volume.dtype)
    kernel = torch.exp(-ticks.square() / (2 * sigma**2))
    kernel = kernel / kernel.sum()
    for axis in range(3):
        volume = _along(volume, kernel, axis)
    return volume


def slopes(volume: Tensor) -> dict[int, Tensor]:
    """Derivative (c, z, y, x) along every axis that has more than one cell."""
    axes = [axis for axis in range(3) if volume.shape[axis + 1] > 1]
    parts = torch.gradient(volume, dim=[axis + 1 for axis in axes]) if axes else ()
    return dict(zip(axes, parts, strict=True))


def _along(volume: Tensor, kernel: Tensor, axis: int) -> Tensor:
    shape, padding = [1, 1, 1, 1, 1], [0] * 6
    shape[axis + 2] = len(kernel)
    padding[4 - 2 * axis] = padding[5 - 2 * axis] = len(kernel) // 2
    return F.conv3d(F.pad(volume[:, None], padding, mode="replicate"), kernel.view(shape))[:, 0]
