"""Gaussian scale space of volumes: smoothing and first derivatives."""

import math
from collections.abc import Sequence

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


def gaussian_kernel(sigma: float, radius: int | None = None) -> list[float]:
    """Weights of a Gaussian of standard deviation `sigma` cells, from the middle outwards; of both sides they sum to 1.

    It ends after `radius` cells, by default at `TRUNCATE` standard deviations and not before the next cell.
    """
    if radius is None:
        radius = max(1, round(TRUNCATE * sigma))
    weights = [math.exp(-(tick**2) / (2 * sigma**2)) for tick in range(radius + 1)]
    total = 2 * sum(weights) - weights[0]
    return [weight / total for weight in weights]


def convolve_symmetric(volume: Tensor, kernel: Sequence[float], axis: int, step: int = 1) -> Tensor:
    """`volume` convolved along `axis` with a symmetric kernel, where all of it lies inside.

    Sums of shifted copies: a few passes over memory, which for short kernels are far faster on a processor than the
    convolutions of torch.

    Parameters
    ----------
    volume
        Of any number of axes.
    kernel
        Weights from the middle outwards; r + 1 of them shorten the axis by 2 r.
    axis
        Along which.
    step
        Every so many values are computed, beginning with the first.
    """
    radius = len(kernel) - 1
    length = volume.shape[axis] - 2 * radius

    def shifted(by: int) -> Tensor:
        here = [slice(None)] * volume.ndim
        here[axis] = slice(radius + by, radius + by + length, step)
        return volume[tuple(here)]

    total = shifted(0) * kernel[0]
    for distance, weight in enumerate(kernel[1:], 1):
        total.add_(shifted(-distance), alpha=weight).add_(shifted(distance), alpha=weight)
    return total


def central_difference(volume: Tensor, axis: int) -> Tensor:
    """Half the difference of both neighbours along `axis`, which has more than one cell; one-sided at its ends."""
    n = volume.shape[axis]
    slope = torch.empty_like(volume)
    torch.sub(volume.narrow(axis, 2, n - 2), volume.narrow(axis, 0, n - 2), out=slope.narrow(axis, 1, n - 2)).div_(2)
    for end, high in ((0, 1), (n - 1, n - 1)):
        torch.sub(volume.narrow(axis, high, 1), volume.narrow(axis, high - 1, 1), out=slope.narrow(axis, end, 1))
    return slope


def _along(volume: Tensor, sigma: float, axis: int) -> Tensor:
    if sigma < NARROW:
        return volume
    kernel = gaussian_kernel(sigma)
    n, radius = volume.shape[axis + 1], len(kernel) - 1
    faces = volume.narrow(axis + 1, 0, 1), volume.narrow(axis + 1, n - 1, 1)
    shape = list(volume.shape)
    shape[axis + 1] = radius
    first, last = (face.expand(shape) for face in faces)
    return convolve_symmetric(torch.cat([first, volume, last], dim=axis + 1), kernel, axis + 1)
