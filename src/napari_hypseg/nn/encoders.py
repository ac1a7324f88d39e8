"""The dense encoder: every voxel's neighbourhood to one vector of features.

What a voxel looks like is said by fixed filters, which cost a processor next to nothing; what it means is learned by a
small network that works voxel by voxel. It looks no further than a few voxels: points that know what lies far away
split what is uniform by place, and what surrounds a region enters the tree by itself
(`napari_hypseg.hierarchy.context.co_occurrence`).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from napari_hypseg.nn.appearance import MARGIN, appearance, n_appearances
from napari_hypseg.nn.levels import plan_levels
from napari_hypseg.nn.standard import Standardiser
from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.volume import Vector3

GREY = 2.0
"""How much more a grey value counts than an edge, a shape or a texture."""
COARSEST = 5
"""Levels that are planned, the finest among them."""


class Filters(nn.Module):
    """Standardised features of every voxel; nothing in them is learned by descent.

    Parameters
    ----------
    in_channels
        Channels of the volume.
    voxel_size
        Edge lengths (z, y, x) of the voxels it will see.
    """

    def __init__(self, in_channels: int, voxel_size: Vector3) -> None:
        super().__init__()
        finest, *coarser = plan_levels(voxel_size, COARSEST)
        self.in_channels, self.axes = in_channels, finest.axes
        # Where another axis comes into view there are other features.
        self.coarser_strides = tuple(level.stride for level in coarser if level.axes == finest.axes)
        self.width = in_channels * n_appearances(len(self.axes))
        weights = torch.full((self.width,), 1 / GREY)
        weights[:in_channels] = 1
        self.standard = Standardiser(weights)

    @property
    def halo(self) -> Index3:
        """Voxels (z, y, x) of context needed around a block."""
        z, y, x = (MARGIN if axis in self.axes else 0 for axis in range(3))
        return z, y, x

    @torch.no_grad()
    def forward(self, x: Tensor, measured: bool = False) -> Tensor:
        """Features (b, width, z, y, x) over the core of `x`.

        Parameters
        ----------
        x
            float (b, c, z, y, x): a core with `halo` around it.
        measured
            Whether the scales of the features are to be learned from it.
        """
        features = core(appearance(x, self.axes), self.halo)
        if measured:
            self.standard.measure(features)
        standardised: Tensor = self.standard(features)
        return standardised

    @torch.no_grad()
    def coarser(self, x: Tensor, stride: Index3) -> Tensor:
        """Features (b, width, z', y', x') of the core of `x` in cells of `stride` voxels, each looked at like a voxel.

        Beyond the core everything is taken to go on as it is at its faces.
        """
        cells = functional.avg_pool3d(core(x, self.halo), stride)
        standardised: Tensor = self.standard(appearance(cells, self.axes))
        return standardised


def core(x: Tensor, margin: Index3) -> Tensor:
    """`x` (b, c, z, y, x) without a margin of (z, y, x) voxels on each side."""
    z, y, w = (slice(m, n - m) for m, n in zip(margin, x.shape[2:], strict=True))
    return x[:, :, z, y, w]


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
