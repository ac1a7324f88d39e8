"""The decoder: latent grid to grey values, its first layer a gyroplane convolution."""

from torch import Tensor, nn
from torch.nn import functional

from napari_hypseg.geometry.manifold import Manifold
from napari_hypseg.nn.gyroplane import GyroplaneConv3d


class GyroplaneDecoder(nn.Module):
    """Gyroplane convolution over the latent grid, then two pointwise layers.

    Parameters
    ----------
    manifold, latent_dim
        Where the latent points live.
    width
        Hidden channels.
    out_channels
        Channels of the volume.
    """

    def __init__(self, manifold: Manifold, latent_dim: int, width: int, out_channels: int) -> None:
        super().__init__()
        self.gyroplanes = GyroplaneConv3d(latent_dim, width, kernel_size=3, manifold=manifold)
        self.hidden = nn.Conv3d(width, width, 1)
        self.output = nn.Conv3d(width, out_channels, 1)

    def forward(self, z: Tensor) -> Tensor:
        """Grey values (b, c, z, y, x) from latent points (b, d, z, y, x)."""
        x = functional.leaky_relu(self.gyroplanes(z), 0.1)
        x = functional.leaky_relu(self.hidden(x), 0.1)
        reconstruction: Tensor = self.output(x)
        return reconstruction
