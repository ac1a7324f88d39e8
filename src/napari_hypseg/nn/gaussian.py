"""Gaussian scale space of volumes: smoothing and first derivatives."""

import torch
from torch import Tensor
from torch.nn import functional as F

from napari_hypseg.volumes.volume import Vector3

WIDE = 3.0
"""Cells: standard deviation from which on a volume is smoothed at a lower resolution."""
NARROW = 0.25
"""Cells: a Gaussian narrower than this leaves a grid as it is."""
TRUNCATE = 3.0


def gaussian_smooth(volume: Tensor, sigma: float | Vector3) -> Tensor:
    """Volumes (c, z, y, x) convolved with a Gaussian of standard deviation `sigma` cells; faces are continued.

    Parameters
    ----------
    volume
        float (c, z, y, x).
    sigma
        In cells, one for all axes or one for each of (z, y, x); an axis with less than `NARROW` stays as it is. A
        wide Gaussian is applied to means over two cells, whose own blur is subtracted from it.
    """
    widths = (sigma,) * 3 if isinstance(sigma, int | float) else sigma
    halved = [2 if width > WIDE and n >= 8 else 1 for width, n in zip(widths, volume.shape[1:], strict=True)]
    if max(halved) == 1:
        for axis, width in enumerate(widths):
            volume = _along(volume, width, axis)
        return volume
    z, y, x = ((w**2 - 0.25) ** 0.5 / 2 if half == 2 else w for w, half in zip(widths, halved, strict=True))
    coarse = F.avg_pool3d(volume[None], halved, ceil_mode=True, count_include_pad=False)[0]
    blurred = F.interpolate(
        gaussian_smooth(coarse, (z, y, x))[None],
        scale_factor=[float(h) for h in halved],
        mode="trilinear",
        align_corners=False,
    )
    depth, height, width = volume.shape[1:]
    return blurred[0][:, :depth, :height, :width]


def gradients(volume: Tensor) -> dict[int, Tensor]:
    """Derivative (c, z, y, x) along every axis that has more than one cell."""
    axes = [axis for axis in range(3) if volume.shape[axis + 1] > 1]
    parts = torch.gradient(volume, dim=[axis + 1 for axis in axes]) if axes else ()
    return dict(zip(axes, parts, strict=True))


def _along(volume: Tensor, sigma: float, axis: int) -> Tensor:
    if sigma < NARROW:
        return volume
    radius = max(1, round(TRUNCATE * sigma))
    ticks = torch.arange(-radius, radius + 1, device=volume.device, dtype=volume.dtype)
    kernel = torch.exp(-ticks.square() / (2 * sigma**2))
    shape, padding = [1, 1, 1, 1, 1], [0] * 6
    shape[axis + 2] = len(kernel)
    padding[4 - 2 * axis] = padding[5 - 2 * axis] = len(kernel) // 2
    weights = (kernel / kernel.sum()).view(shape)
    return F.conv3d(F.pad(volume[:, None], padding, mode="replicate"), weights)[:, 0]
