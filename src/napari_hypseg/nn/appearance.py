"""What a cell and its surroundings look like, whichever way they are turned: grey value, edges, shape and texture.

Filters that nobody has to learn. Of the second derivatives only the eigenvalues count, which tell sheets, lines and
blobs apart and do not change when the volume is turned (Frangi et al. 1998).
"""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch
from torch import Tensor

from napari_hypseg.nn.gaussian import smooth
from napari_hypseg.volumes.volume import Vector3

FINE, USUAL, WIDE = 0.7, 1.0, 1.5
"""Cells: standard deviations of the Gaussians for grey values, derivatives and texture."""
MARGIN = 7
"""Cells along each axis looked along that the filters reach: those of the texture, of a band, 3, in a window, 4."""
TINY = 1e-6


def n_appearances(n_axes: int) -> int:
    """Features a channel has where `n_axes` axes are looked along."""
    return 3 + n_axes


def appearance(x: Tensor, axes: tuple[int, ...]) -> Tensor:
    """Features (b, c · n_appearances, z, y, x) of a grid (b, c, z, y, x), looking along `axes` (0 is z).

    For all channels: grey value; gradient magnitude; texture, the local deviation of what the Gaussian takes away;
    eigenvalues of the Hessian, lowest first.
    """
    flat = x.flatten(0, 1)
    level = smooth(flat, _widths(USUAL, axes))
    slopes = {axis: _slope(level, axis) for axis in axes}
    gradient = sum((slope.square() for slope in slopes.values()), torch.zeros_like(level)).sqrt()
    texture = smooth((flat - level).square(), _widths(WIDE, axes)).clamp_min(0).add(TINY).sqrt()
    parts = [smooth(flat, _widths(FINE, axes)), gradient, texture, *_bends(slopes)]
    return torch.cat([part.view_as(x) for part in parts], dim=1)


def _widths(sigma: float, axes: tuple[int, ...]) -> Vector3:
    z, y, x = (sigma if axis in axes else 0.0 for axis in range(3))
    return z, y, x


def _slope(volume: Tensor, axis: int) -> Tensor:
    """Central differences of (n, z, y, x); 0 where there is one cell only."""
    if volume.shape[axis + 1] == 1:
        return torch.zeros_like(volume)
    return torch.gradient(volume, dim=axis + 1)[0]


def _bends(slopes: dict[int, Tensor]) -> list[Tensor]:
    """Eigenvalues of the matrix of second derivatives, lowest first."""
    hessian = {(i, j): _slope(slopes[i], j) for i in slopes for j in slopes if j >= i}
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
