"""The dense encoder: every voxel's neighbourhood, near and far, to one feature vector.

The far context comes from an image pyramid rather than from strided layers: each level sees the input pooled to its
own cell size, mean and standard deviation, and hands its features down to the next finer level. All convolutions are
valid, so a block with its halo gives the same features as the whole volume in one piece, and the halo of the coarse
levels costs next to nothing.
"""

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.volume import Vector3

CONVOLUTIONS = 2
"""Convolutions a level: the first joins the pooled input with the coarser features."""


@dataclass(frozen=True)
class Level:
    """Geometry of one pyramid level, every triple in zyx.

    Parameters
    ----------
    stride
        Cell size in voxels.
    kernel
        Kernel edge of its convolutions; 1 along an axis too coarse to be a neighbour.
    margin
        Cells of input it needs around the core.
    spare
        Cells of output it has around the core.
    """

    stride: Index3
    kernel: Index3
    margin: Index3
    spare: Index3


def plan_levels(voxel_size: Vector3, depth: int) -> tuple[Level, ...]:
    """Cell sizes that approach cubes: an axis with coarse voxels is pooled later and joined later.

    Parameters
    ----------
    voxel_size
        Edge lengths (z, y, x) in any common unit.
    depth
        Number of levels, from the finest to the coarsest.
    """
    stride: list[int] = [1, 1, 1]
    levels: list[Level] = []
    needed = [0, 0, 0]
    for index in range(depth):
        cell = [s * v for s, v in zip(stride, voxel_size, strict=True)]
        if index:
            doubled = [2 if c < 1.5 * min(cell) else 1 for c in cell]
            stride = [s * d for s, d in zip(stride, doubled, strict=True)]
            # One cell more where the grid changes: the interpolation looks at a neighbour.
            needed = [-(-n // d) + (d > 1) for n, d in zip(needed, doubled, strict=True)]
            cell = [s * v for s, v in zip(stride, voxel_size, strict=True)]
        kernel = [3 if c < 2.5 * min(cell) else 1 for c in cell]
        spare = list(needed)
        needed = [n + CONVOLUTIONS * (k // 2) for n, k in zip(needed, kernel, strict=True)]
        levels.append(Level(_triple(stride), _triple(kernel), _triple(needed), _triple(spare)))
    return tuple(levels)


def _triple(values: list[int]) -> Index3:
    z, y, x = values
    return z, y, x


class LevelBlock(nn.Module):
    """Valid convolutions of one level."""

    def __init__(self, in_channels: int, width: int, kernel: Index3) -> None:
        super().__init__()
        widths = [in_channels] + [width] * CONVOLUTIONS
        self.layers = nn.ModuleList(_convolution(a, b, kernel) for a, b in pairwise(widths))

    def forward(self, x: Tensor) -> Tensor:
        """Features (b, width, …), smaller by two kernel radii on every side."""
        for layer in self.layers:
            x = functional.leaky_relu(layer(x), 0.1, inplace=True)
        return x


class PyramidEncoder(nn.Module):
    """Pyramid of dense features.

    Parameters
    ----------
    in_channels
        Channels of the input.
    widths
        Feature channels of each level, finest first.
    voxel_size
        Edge lengths (z, y, x) of the voxels the encoder will see.
    """

    def __init__(self, in_channels: int, widths: tuple[int, ...], voxel_size: Vector3) -> None:
        super().__init__()
        self.levels = plan_levels(voxel_size, len(widths))
        handed = (*(widths[0] for _ in widths[1:]), 0)
        self.blocks = nn.ModuleList(
            LevelBlock((in_channels if index == 0 else 2 * in_channels) + above, width, level.kernel)
            for index, (level, width, above) in enumerate(zip(self.levels, widths, handed, strict=True))
        )
        # Coarse features are thinned before they are made finer: there are 8 times fewer of them then.
        self.bridges = nn.ModuleList(_convolution(width, widths[0], (1, 1, 1)) for width in widths[1:])

    @property
    def stride(self) -> Index3:
        """Cell size (z, y, x) of the coarsest level in voxels: blocks lie on its multiples."""
        return self.levels[-1].stride

    @property
    def halo(self) -> Index3:
        """Voxels (z, y, x) of context needed around a block, a multiple of `stride`."""
        last = self.levels[-1]
        z, y, x = (m * s for m, s in zip(last.margin, last.stride, strict=True))
        return z, y, x

    def forward(self, x: Tensor) -> list[Tensor]:
        """Features of each level over the core of `x`.

        Parameters
        ----------
        x
            float (b, c, z, y, x): a core whose edges are multiples of `stride`, with `halo` around it.

        Returns
        -------
        list of Tensor
            (b, width, z', y', x') of each level, finest first, on the core's cells.
        """
        above: Tensor | None = None
        features: list[Tensor] = []
        for index in reversed(range(len(self.levels))):
            level = self.levels[index]
            pooled = _trim(self._pooled(x, level), self._surplus(level))
            if above is not None:
                below = self.levels[index + 1]
                pooled = torch.cat([pooled, _refine(self.bridges[index](above), below, level)], dim=1)
            above = self.blocks[index](pooled)
            features.insert(0, _trim(above, level.spare))
        return features

    def _surplus(self, level: Level) -> Index3:
        z, y, x = (h // s - m for h, s, m in zip(self.halo, level.stride, level.margin, strict=True))
        return z, y, x

    @staticmethod
    def _pooled(x: Tensor, level: Level) -> Tensor:
        if level.stride == (1, 1, 1):
            return x
        mean = functional.avg_pool3d(x, level.stride)
        variance = functional.avg_pool3d(x * x, level.stride) - mean * mean
        return torch.cat([mean, variance.clamp_min(0).add(1e-6).sqrt()], dim=1)


def _convolution(in_channels: int, out_channels: int, kernel: Index3) -> nn.Conv3d:
    layer = nn.Conv3d(in_channels, out_channels, kernel)
    nn.init.kaiming_normal_(layer.weight, a=0.1)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


def _trim(x: Tensor, margin: Index3) -> Tensor:
    z, y, w = (slice(m, n - m) for m, n in zip(margin, x.shape[2:], strict=True))
    return x[:, :, z, y, w]


def _refine(above: Tensor, coarse: Level, fine: Level) -> Tensor:
    """Coarse features on the finer grid, cut to the finer level's margin."""
    factor = [float(a // b) for a, b in zip(coarse.stride, fine.stride, strict=True)]
    finer = functional.interpolate(above, scale_factor=factor, mode="trilinear", align_corners=False)
    z, y, x = (int(s * f) - m for s, f, m in zip(coarse.spare, factor, fine.margin, strict=True))
    return _trim(finer, (z, y, x))
