"""The decoder: latent grid to grey values. Decoders differ by their first layer, which reads points of the manifold."""

from collections.abc import Callable, Mapping

from torch import Tensor, nn
from torch.nn import functional

from napari_hypseg.geometry.manifolds.manifold import Manifold
from napari_hypseg.nn.gyroplane import GyroplaneConv3d
from napari_hypseg.nn.plain import PlainConv3d


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
    """

    def __init__(self, first: nn.Module, width: int, out_channels: int) -> None:
        super().__init__()
        self.first = first
        self.hidden = nn.Conv3d(width, width, 1)
        self.output = nn.Conv3d(width, out_channels, 1)

    def forward(self, z: Tensor) -> Tensor:
        """Grey values (b, c, z, y, x) from latent points (b, e, z, y, x)."""
        x = functional.leaky_relu(self.first(z), 0.1)
        x = functional.leaky_relu(self.hidden(x), 0.1)
        reconstruction: Tensor = self.output(x)
        return reconstruction


def _gyroplanes(manifold: Manifold, latent_dim: int, width: int, kernel_size: int) -> nn.Module:
    return GyroplaneConv3d(latent_dim, width, kernel_size, manifold=manifold)


def _plain(manifold: Manifold, latent_dim: int, width: int, kernel_size: int) -> nn.Module:
    return PlainConv3d(latent_dim, width, kernel_size, manifold=manifold)


FIRST_LAYERS: Mapping[str, Callable[[Manifold, int, int, int], nn.Module]] = {
    "gyroplane": _gyroplanes,
    "plain": _plain,
}
"""From the name in the settings to what makes the layer of manifold, latent dimension, width and kernel edge."""
