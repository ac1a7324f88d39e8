"""The decoder from latent points to grey values.

Decoders differ by their first layer, which reads points of the manifold: a gyroplane convolution, or, in published
baselines, an ordinary convolution over Euclidean coordinates of the points.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from napari_hypseg.geometry.manifolds.manifold import Manifold
from napari_hypseg.nn.batch_vectors import batch_layer
from napari_hypseg.nn.gyroplane import GyroplaneConv3d


class EuclideanConv3d(nn.Module):
    """Convolution over the flat coordinates of points of a manifold; the grid keeps its size.

    Parameters
    ----------
    latent_dim
        Dimension d of the manifold.
    out_channels
        Features out.
    kernel_size
        Odd edge of the cubic kernel; 1 is a plain layer at every voxel.
    manifold
        Where the points lie.
    """

    def __init__(self, latent_dim: int, out_channels: int, kernel_size: int, *, manifold: Manifold) -> None:
        super().__init__()
        self.manifold = manifold
        origin = manifold.expmap0(torch.zeros(manifold.ambient_dim(latent_dim)))
        in_channels = manifold.to_euclidean(origin).shape[-1]
        self.convolution = nn.Conv3d(in_channels, out_channels, kernel_size, padding=kernel_size // 2)

    def forward(self, z: Tensor) -> Tensor:
        """Map points (b, e, z, y, x) of the manifold to features (b, out_channels, z, y, x)."""
        features: Tensor = self.convolution(self.manifold.to_euclidean(z.movedim(1, -1)).movedim(-1, 1))
        return features


class PointDecoder(nn.Module):
    """A layer that reads points, then two pointwise layers.

    Parameters
    ----------
    first
        Layer from latent points (b, e, z, y, x) to features (b, width, z, y, x).
    width
        Hidden channels.
    out_channels
        Channels of the volume.
    batch_width
        Numbers of the batch vector that the first layer is told; 0 for none.
    """

    def __init__(self, first: nn.Module, width: int, out_channels: int, batch_width: int = 0) -> None:
        super().__init__()
        self.first = first
        self.hidden = nn.Conv3d(width, width, 1)
        self.output = nn.Conv3d(width, out_channels, 1)
        self.batch = batch_layer(batch_width, width)

    def forward(self, z: Tensor, batch: Tensor | None = None) -> Tensor:
        """Grey values (b, c, z, y, x) from latent points (b, e, z, y, x) and, if any, batch vectors (b, n)."""
        x = self.first(z)
        x = x if self.batch is None else x + self.batch(batch)[..., None, None, None]
        x = functional.leaky_relu(x, 0.1)
        x = functional.leaky_relu(self.hidden(x), 0.1)
        reconstruction: Tensor = self.output(x)
        return reconstruction


def _gyroplane_layer(manifold: Manifold, latent_dim: int, width: int, kernel_size: int) -> nn.Module:
    return GyroplaneConv3d(latent_dim, width, kernel_size, manifold=manifold)


def _euclidean_layer(manifold: Manifold, latent_dim: int, width: int, kernel_size: int) -> nn.Module:
    return EuclideanConv3d(latent_dim, width, kernel_size, manifold=manifold)


FIRST_LAYERS: Mapping[str, Callable[[Manifold, int, int, int], nn.Module]] = {
    "gyroplane": _gyroplane_layer,
    "plain": _euclidean_layer,
}
"""From the name in the settings to what makes the layer of manifold, latent dimension, width and kernel edge."""
