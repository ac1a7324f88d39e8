"""Rotation-invariant features of appearance: grey value, gradient magnitude, texture and Hessian eigenvalues.

The filters are fixed. Of the second derivatives only the eigenvalues are used, which distinguish sheets, lines and
blobs and do not change under rotation (Frangi et al. 1998).
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor

from napari_hypseg.nn.gaussian import convolve_symmetric, gaussian_kernel
from napari_hypseg.volumes.box import Index3

FINE, USUAL, WIDE = 0.7, 1.0, 1.5
"""Cells: standard deviations of the Gaussians for grey values, derivatives and texture."""
RADIUS: Mapping[float, int] = MappingProxyType(
    {sigma: len(gaussian_kernel(sigma)) - 1 for sigma in (FINE, USUAL, WIDE)}
)
"""Cells at which the Gaussians end."""
FILTER_RADIUS = RADIUS[USUAL] + RADIUS[WIDE]
"""Radius of the filters in cells along each filtered axis: that of the high-pass filter and the texture window."""
TINY = 1e-6


def n_appearance_features(n_axes: int) -> int:
    """Features of one channel if `n_axes` axes are filtered."""
    return 3 + n_axes


def appearance_features(x: Tensor, axes: tuple[int, ...], step: Index3 = (1, 1, 1)) -> Tensor:
    """Features (b, c · n_appearance_features, z, y, x) of the core of a grid, filtered along `axes` (0 is z).

    For all channels: grey value; gradient magnitude; texture, the local deviation of what the Gaussian takes away;
    eigenvalues of the Hessian, lowest first.

    Parameters
    ----------
    x
        float (b, c, z, y, x): a core with `FILTER_RADIUS` cells around it along `axes`.
    axes
        Those along which the next cell is a neighbour.
    step
        Every so many cells of the core (z, y, x) features are computed, from the first on.
    """
    flat = x.flatten(0, 1)
    level = _smooth(flat, USUAL, axes)
    texture = _smooth((_crop(flat, RADIUS[USUAL], axes) - level).square(), WIDE, axes, step)
    fine = _smooth(_crop(flat, FILTER_RADIUS - RADIUS[FINE], axes), FINE, axes, step)
    around = _Differences(level, axes, FILTER_RADIUS - RADIUS[USUAL], step)
    slopes = [around.first(axis) for axis in axes]
    gradient = sum((slope.square() for slope in slopes), torch.zeros_like(slopes[0])).sqrt()
    hessian = [around.second(i, j) for i in axes for j in axes if j >= i]
    parts = [fine, gradient, texture.clamp_min(0).add(TINY).sqrt(), *EIGENVALUES[len(axes)](*hessian)]
    return torch.cat([part.unflatten(0, x.shape[:2]) for part in parts], dim=1)


def _smooth(volume: Tensor, sigma: float, axes: tuple[int, ...], step: Index3 = (1, 1, 1)) -> Tensor:
    """Volumes (n, z, y, x) convolved with a Gaussian where all of it lies inside, every `step` cells."""
    kernel = gaussian_kernel(sigma)
    for axis, stride in enumerate(step):
        if axis in axes:
            volume = convolve_symmetric(volume, kernel, axis + 1, stride)
        elif stride > 1:
            volume = volume[(slice(None),) * (axis + 1) + (slice(None, None, stride),)]
    return volume


def _crop(volume: Tensor, margin: int, axes: tuple[int, ...]) -> Tensor:
    """Volumes (n, z, y, x) without `margin` cells at both ends of `axes`."""
    for axis in axes:
        volume = volume.narrow(axis + 1, margin, volume.shape[axis + 1] - 2 * margin)
    return volume


@dataclass(frozen=True)
class _Differences:
    """Central differences of volumes (n, z, y, x) with `margin` cells around along `axes`, every `step` cells."""

    volume: Tensor
    axes: tuple[int, ...]
    margin: int
    step: Index3

    def first(self, axis: int) -> Tensor:
        """First difference along `axis`."""
        return (self._at({axis: 1}) - self._at({axis: -1})) / 2

    def second(self, i: int, j: int) -> Tensor:
        """Difference along `i` of the difference along `j`."""
        if i == j:
            return (self._at({i: 2}) + self._at({i: -2}) - 2 * self._at({})) / 4
        forth = self._at({i: 1, j: 1}) - self._at({i: 1, j: -1})
        back = self._at({i: -1, j: 1}) - self._at({i: -1, j: -1})
        return (forth - back) / 4

    def _at(self, offset: Mapping[int, int]) -> Tensor:
        """Values that lie `offset` cells beside those of the core."""
        index = [slice(None)]
        for axis, stride in enumerate(self.step):
            start = self.margin + offset.get(axis, 0) if axis in self.axes else 0
            n = self.volume.shape[axis + 1] - (2 * self.margin if axis in self.axes else 0)
            index.append(slice(start, start + n, stride))
        return self.volume[tuple(index)]


def _one(a: Tensor) -> list[Tensor]:
    return [a]


def _two(a: Tensor, c: Tensor, b: Tensor) -> list[Tensor]:
    """Of [[a, c], [c, b]]."""
    middle, half = (a + b) / 2, torch.hypot((a - b) / 2, c)
    return [middle - half, middle + half]


def _three(a: Tensor, d: Tensor, f: Tensor, b: Tensor, e: Tensor, c: Tensor) -> list[Tensor]:
    """Of [[a, d, f], [d, b, e], [f, e, c]] by trigonometry (Smith 1961)."""
    mean = (a + b + c) / 3
    a, b, c = a - mean, b - mean, c - mean
    spread = ((a * a + b * b + c * c + 2 * (d * d + e * e + f * f)) / 6).sqrt() + TINY**2
    determinant = a * (b * c - e * e) - d * (d * c - e * f) + f * (d * e - b * f)
    angle = torch.acos((determinant / (2 * spread**3)).clamp(-1, 1)) / 3
    highest = mean + 2 * spread * torch.cos(angle)
    lowest = mean + 2 * spread * torch.cos(angle + 2 * math.pi / 3)
    return [lowest, 3 * mean - highest - lowest, highest]


EIGENVALUES: Mapping[int, Callable[..., list[Tensor]]] = MappingProxyType({1: _one, 2: _two, 3: _three})
"""Of a symmetric matrix, lowest first, from its upper triangle row by row, by its number of rows."""
