"""The dense encoder: from the neighbourhood of every voxel to one feature vector.

Appearance is measured by fixed filters, which are cheap on a CPU, and a small network maps it to the latent space voxel
by voxel. The receptive field is a few voxels only: points that depend on what lies far away split uniform regions by
position, and the neighbourhood of a region enters the tree in its own step (`napari_hypseg.hierarchy.context`).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from napari_hypseg.nn.appearance import FILTER_RADIUS, appearance_features, n_appearance_features
from napari_hypseg.nn.batch_vectors import batch_layer
from napari_hypseg.nn.pyramid import plan_pyramid
from napari_hypseg.nn.standardiser import Standardiser
from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.volume import Vector3

GREY_WEIGHT = 2.0
"""Weight of a grey value relative to a gradient, a Hessian eigenvalue or a texture."""
VOXELS_AT_ONCE = 4096
"""Voxels whose hidden features the cache of a core holds: without gradients the network takes so many at once."""
MAX_LEVELS = 5
"""Levels of the pyramid, the finest included."""


class FilterBank(nn.Module):
    """Standardised appearance features of every voxel, without trained parameters.

    Parameters
    ----------
    in_channels
        Channels of the volume.
    voxel_size
        Edge lengths (z, y, x) of the voxels.
    """

    def __init__(self, in_channels: int, voxel_size: Vector3) -> None:
        super().__init__()
        finest, *coarser = plan_pyramid(voxel_size, MAX_LEVELS)
        self.in_channels, self.axes = in_channels, finest.axes
        # A level that filters along another axis has other features.
        self.coarse_strides = tuple(level.stride for level in coarser if level.axes == finest.axes)
        self.width = in_channels * n_appearance_features(len(self.axes))
        weights = torch.full((self.width,), 1 / GREY_WEIGHT)
        weights[:in_channels] = 1
        self.standard = Standardiser(weights)

    @property
    def halo(self) -> Index3:
        """Voxels (z, y, x) of context needed around a block."""
        z, y, x = (FILTER_RADIUS if axis in self.axes else 0 for axis in range(3))
        return z, y, x

    @torch.no_grad()
    def forward(self, x: Tensor, measured: bool = False, step: Index3 = (1, 1, 1)) -> Tensor:
        """Features (b, width, z, y, x) over the core of `x`, or every `step`-th of them from the first on.

        Parameters
        ----------
        x
            float (b, c, z, y, x): a core with `halo` around it.
        measured
            Whether `x` contributes to the means and variances of the features.
        step
            Along (z, y, x).
        """
        features = appearance_features(x, self.axes, step)
        if measured:
            self.standard.measure(features)
        standardised: Tensor = self.standard(features)
        return standardised

    @torch.no_grad()
    def coarse_features(self, x: Tensor, stride: Index3) -> Tensor:
        """Features (b, width, z', y', x') of the core of `x` averaged over cells of `stride` voxels.

        The faces of the core are continued outwards.
        """
        cells = functional.avg_pool3d(crop_margin(x, self.halo), stride)
        z, y, w = self.halo
        cells = functional.pad(cells, (w, w, y, y, z, z), mode="replicate")
        standardised: Tensor = self.standard(appearance_features(cells, self.axes))
        return standardised


def crop_margin(x: Tensor, margin: Index3) -> Tensor:
    """`x` (b, c, z, y, x) without a margin of (z, y, x) voxels on each side."""
    z, y, w = (slice(m, n - m) for m, n in zip(margin, x.shape[2:], strict=True))
    return x[:, :, z, y, w]


class VoxelMLP(nn.Module):
    """Multilayer perceptron applied to every voxel.

    Parameters
    ----------
    in_features, width, out_features
        Input, hidden and output features.
    batch_width
        Numbers of the batch vector that the first layer is told; 0 for none.
    """

    def __init__(self, in_features: int, width: int, out_features: int, batch_width: int = 0) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(in_features, width), nn.Linear(width, width)])
        self.last = nn.Linear(width, out_features)
        self.batch = batch_layer(batch_width, width)

    def forward(self, features: Tensor, batch: Tensor | None = None) -> Tensor:
        """Outputs (b, z, y, x, out_features) of features (b, in_features, z, y, x); `batch` (b, n) are vectors."""
        x = features.movedim(1, -1)
        told = x.new_zeros(()) if self.batch is None else self.batch(batch)[:, None, None, None]
        if torch.is_grad_enabled() or x.device.type != "cpu":
            return self._outputs(x, told)
        if self.batch is not None:  # what is told is the same all over an example
            return torch.stack([self._in_parts(one, to) for one, to in zip(x, told, strict=True)])
        return self._in_parts(x, told)

    def _in_parts(self, x: Tensor, told: Tensor) -> Tensor:
        parts = x.reshape(-1, x.shape[-1]).split(VOXELS_AT_ONCE)
        flat = told.flatten(0, -2) if told.ndim else told
        outputs: Tensor = torch.cat([self._outputs(part, flat) for part in parts]).unflatten(0, x.shape[:-1])
        return outputs

    def _outputs(self, x: Tensor, told: Tensor) -> Tensor:
        """Outputs (…, out_features) of features (…, in_features); `told` is added behind the first layer."""
        for number, layer in enumerate(self.layers):
            x = layer(x) if number or not told.ndim else layer(x) + told
            x = functional.leaky_relu(x, 0.1, inplace=True)
        outputs: Tensor = self.last(x)
        return outputs
