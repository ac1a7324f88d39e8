"""Rotation-invariant features of appearance: grey value, gradient magnitude, texture and Hessian eigenvalues.

The filters are fixed. Of the second derivatives only the eigenvalues are used, which distinguish sheets, lines and
blobs and do not change under rotation (Frangi et al. 1998).
"""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch
from torch import Tensor

from napari_hypseg.nn.gaussian import gaussian_smooth
from napari_hypseg.volumes.volume import Vector3

FINE, USUAL, WIDE = 0.7, 1.0, 1.5
"""Cells: standard deviations of the Gaussians for grey values, derivatives and texture."""
FILTER_RADIUS = 7
"""Radius of the filters in cells along each filtered axis: 3 of the high-pass filter and 4 of the texture window."""
TINY = 1e-6


def n_appearance_features(n_axes: int) -> int:
    """Features of one channel if `n_axes` axes are filtered."""
    return 3 + n_axes


def appearance_features(x: Tensor, axes: tuple[int, ...]) -> Tensor:
    """Features (b, c · n_appearance_features, z, y, x) of a grid (b, c, z, y, x), filtered along `axes` (0 is z).

    For all channels: grey value; gradient magnitude; texture, the local deviation of what the Gaussian takes away;
    eigenvalues of the Hessian, lowest first.
    """
    flat = x.flatten(0, 1)
    level = gaussian_smooth(flat, _widths(USUAL, axes))
    slopes = {axis: _derivative(level, axis) for axis in axes}
    gradient = sum((slope.square() for slope in slopes.values()), torch.zeros_like(level)).sqrt()
    texture = gaussian_smooth((flat - level).square(), _widths(WIDE, axes)).clamp_min(0).add(TINY).sqrt()
    parts = [gaussian_smooth(flat, _widths(FINE, axes)), gradient, texture, *_hessian_eigenvalues(slopes)]
    return torch.cat([part.view_as(x) for part in parts], dim=1)


def _widths(sigma: float, axes: tuple[int, ...]) -> Vector3:
    z, y, x = (sigma if axis in axes else 0.0 for axis in range(3))
    return z, y, x


def _derivative(volume: Tensor, axis: int) -> Tensor:
    """Central differences of (n, z, y, x); 0 where there is one cell only."""
    if volume.shape[axis + 1] == 1:
        return torch.zeros_like(volume)
    return torch.gradient(volume, dim=axis + 1)[0]


def _hessian_eigenvalues(slopes: dict[int, Tensor]) -> list[Tensor]:
    """Eigenvalues of the matrix of second derivatives, lowest first."""
    hessian = {(i, j): _derivative(slopes[i], j) for i in slopes for j in slopes if j >= i}
    return EIGENVALUES[len(slopes)](*hessian.values())


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
