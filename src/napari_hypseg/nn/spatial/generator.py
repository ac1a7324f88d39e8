"""The generator: one function of a coordinate and a latent point that gives the distribution of the value there."""

import math

import torch
from torch import Tensor, nn

from napari_hypseg.geometry.manifolds.manifold import Manifold


class SpatialGenerator(nn.Module):
    """Multilayer perceptron with tanh activations from a coordinate and a latent point to a distribution's parameters.

    p_g(yⁱ | xⁱ, z) of eq. 1 of Bepler et al.: coordinate and point are concatenated. A rotation or a shift is a
    transformation of the coordinates and of nothing else (eq. 2), so what is drawn moves with them exactly.

    Parameters
    ----------
    dims
        Dimension d of the coordinates.
    manifold, latent_dim
        Manifold of the latent points, and its dimension; the generator reads their flat coordinates.
    width, layers
        Units of a hidden layer, and number of hidden layers.
    n_outputs
        Parameters of the distribution of a value.
    frequencies
        Sines and cosines of the coordinates given beside them, with 1 … `frequencies` half waves from the centre to
        the edge; 0 is the published generator.
    """

    def __init__(
        self,
        dims: int,
        manifold: Manifold,
        latent_dim: int,
        width: int,
        layers: int,
        n_outputs: int,
        frequencies: int = 0,
    ) -> None:
        super().__init__()
        self.manifold, self.width, self.frequencies = manifold, width, frequencies
        origin = manifold.expmap0(torch.zeros(manifold.ambient_dim(latent_dim)))
        n_flat, n_places = manifold.to_euclidean(origin).shape[-1], dims * (1 + 2 * frequencies)
        # One layer over the concatenation, its two parts apart: a point is the same for all pixels of an image.
        whole = nn.Linear(n_places + n_flat, width)
        self.from_place, self.from_point = nn.Linear(n_places, width), nn.Linear(n_flat, width, bias=False)
        with torch.no_grad():
            self.from_place.weight.copy_(whole.weight[:, :n_places])
            self.from_place.bias.copy_(whole.bias)
            self.from_point.weight.copy_(whole.weight[:, n_places:])
        self.hidden = nn.ModuleList(nn.Linear(width, width) for _ in range(layers - 1))
        self.last = nn.Linear(width, n_outputs)

    def forward(self, coordinates: Tensor, z: Tensor) -> Tensor:
        """Parameters (b, n, n_outputs) at `coordinates` (b, n, d), given latent points `z` (b, e)."""
        h = torch.tanh(
            self.from_place(self._places(coordinates)) + self.from_point(self.manifold.to_euclidean(z))[:, None]
        )
        for layer in self.hidden:
            h = torch.tanh(layer(h))
        outputs: Tensor = self.last(h)
        return outputs

    def _places(self, coordinates: Tensor) -> Tensor:
        if not self.frequencies:
            return coordinates
        waves = torch.arange(1, self.frequencies + 1, dtype=coordinates.dtype, device=coordinates.device) * math.pi / 2
        phases = (coordinates[..., None] * waves).flatten(-2)
        return torch.cat([coordinates, phases.sin(), phases.cos()], -1)
