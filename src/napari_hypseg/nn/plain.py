"""The layer that published baselines have in place of gyroplanes: an ordinary convolution over coordinates."""

import torch
from torch import Tensor, nn

from napari_hypseg.geometry.manifolds.manifold import Manifold


class PlainConv3d(nn.Module):
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
