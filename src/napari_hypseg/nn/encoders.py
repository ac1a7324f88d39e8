"""The dense encoder: every voxel's neighbourhood, near and far, to one vector of features.

What a voxel looks like is said by fixed filters on an image pyramid, which see as far as many layers of convolutions
and cost a processor next to nothing; what it means is learned by a small network that works voxel by voxel. In the
time that a convolutional network takes for a hundred steps this one has seen a thousand times the voxels.
"""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from napari_hypseg.nn.appearance import MARGIN, appearance, n_appearances
from napari_hypseg.nn.levels import Level, plan_levels
from napari_hypseg.nn.standard import Standardiser
from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.volume import Vector3

GREY = 2.0
"""How much more a grey value counts than an edge, a shape or a texture."""


class FilterPyramid(nn.Module):
    """Standardised features of every voxel and of the cells of the coarser levels; nothing in it is learned by descent.

    Parameters
    ----------
    in_channels
        Channels of the volume.
    depth
        Levels; each doubles the distance that is looked at.
    voxel_size
        Edge lengths (z, y, x) of the voxels it will see.
    """

    def __init__(self, in_channels: int, depth: int, voxel_size: Vector3) -> None:
        super().__init__()
        self.in_channels = in_channels
        self.levels = plan_levels(voxel_size, depth)
        self.widths = tuple(in_channels * n_appearances(len(level.axes)) for level in self.levels)
        self.standards = nn.ModuleList(Standardiser(_weights(width, in_channels)) for width in self.widths)

    @property
    def stride(self) -> Index3:
        """Cell size (z, y, x) of the coarsest level in voxels: blocks lie on its multiples."""
        return self.levels[-1].stride

    @property
    def halo(self) -> Index3:
        """Voxels (z, y, x) of context needed around a block, a multiple of `stride`."""
        reach = [max(_margin(level)[axis] * level.stride[axis] for level in self.levels) for axis in range(3)]
        z, y, x = (-(-r // s) * s for r, s in zip(reach, self.stride, strict=True))
        return z, y, x

    @torch.no_grad()
    def forward(self, x: Tensor, measured: bool = False) -> list[Tensor]:
        """Features over the core of `x`.

        Parameters
        ----------
        x
            float (b, c, z, y, x): a core whose edges are multiples of `stride`, with `halo` around it.
        measured
            Whether the scales of the features are to be learned from it.

        Returns
        -------
        list of Tensor
            Those of all levels at every voxel (b, Σ widths, z, y, x), then (b, width, z', y', x') of each coarser
            level on the core's cells.
        """
        around = [self._level(x, index, measured) for index in range(len(self.levels))]
        voxels = [_refined(part, level) for part, level in zip(around, self.levels, strict=True)]
        cells = [_trim(part, _spare(level)) for part, level in zip(around[1:], self.levels[1:], strict=True)]
        return [torch.cat(voxels, dim=1), *cells]

    def _level(self, x: Tensor, index: int, measured: bool) -> Tensor:
        """Features of one level on the core's cells and, where a finer grid asks for them, those next to it."""
        level = self.levels[index]
        surplus = [h // s - m for h, s, m in zip(self.halo, level.stride, _margin(level), strict=True)]
        pooled = functional.avg_pool3d(x, level.stride) if max(level.stride) > 1 else x
        features = appearance(_trim(pooled, surplus), level.axes)
        margin, spare = _margin(level), _spare(level)
        features = _trim(features, [m - s for m, s in zip(margin, spare, strict=True)])
        standard = cast(Standardiser, self.standards[index])
        if measured:
            standard.measure(features)
        standardised: Tensor = standard(features)
        return standardised


def _weights(width: int, in_channels: int) -> Tensor:
    """Weights (width,) of the features of a level, whose grey values come first."""
    weights = torch.full((width,), 1 / GREY)
    weights[:in_channels] = 1
    return weights


def _margin(level: Level) -> list[int]:
    """Cells (z, y, x) of a level needed around the core."""
    spare = _spare(level)
    return [spare[axis] + (MARGIN if axis in level.axes else 0) for axis in range(3)]


def _spare(level: Level) -> list[int]:
    """Cells (z, y, x) around the core that the interpolation to voxels looks at."""
    return [int(stride > 1) for stride in level.stride]


def _trim(x: Tensor, margin: list[int]) -> Tensor:
    z, y, w = (slice(m, n - m) for m, n in zip(margin, x.shape[2:], strict=True))
    return x[:, :, z, y, w]


def _refined(features: Tensor, level: Level) -> Tensor:
    """Features of a level and the cells next to it at the voxels of its core."""
    if max(level.stride) == 1:
        return features
    factor = [float(s) for s in level.stride]
    finer = functional.interpolate(features, scale_factor=factor, mode="trilinear", align_corners=False)
    return _trim(finer, [spare * stride for spare, stride in zip(_spare(level), level.stride, strict=True)])


class VoxelNetwork(nn.Module):
    """The same small network at every voxel.

    Parameters
    ----------
    in_features, width, out_features
        Numbers in, hidden and out.
    """

    def __init__(self, in_features: int, width: int, out_features: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(in_features, width), nn.Linear(width, width)])
        self.last = nn.Linear(width, out_features)

    def forward(self, features: Tensor) -> Tensor:
        """Outputs (b, z, y, x, out_features) of features (b, in_features, z, y, x)."""
        x = features.movedim(1, -1)
        for layer in self.layers:
            x = functional.leaky_relu(layer(x), 0.1)
        outputs: Tensor = self.last(x)
        return outputs
