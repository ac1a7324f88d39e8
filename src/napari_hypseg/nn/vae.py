"""The dense variational auto-encoder: encoder, latent space and decoder, composed."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from napari_hypseg.geometry.manifold import Manifold
from napari_hypseg.nn.blindspot import hide_voxels
from napari_hypseg.nn.encoders import PyramidEncoder
from napari_hypseg.nn.latent import Latent
from napari_hypseg.nn.losses import LossOutput, gaussian_reconstruction, triplet
from napari_hypseg.nn.model import DenseModel
from napari_hypseg.nn.triplets import sample_triplets
from napari_hypseg.volumes.box import Index3

DECODED = 0.6
"""Edge of the decoded part of a crop's core, relative to the core."""
REACH = 1
"""Voxels around a point that the decoder's first layer looks at."""


@dataclass(frozen=True)
class Weights:
    """How much each term counts, in nats a voxel.

    `margin` and `scales`, how many of the coarser levels give wholes, finest first, belong to the triplet; `hidden` to
    the blind spot.
    """

    kl: float
    triplet: float
    margin: float
    scales: int
    hidden: float


class VAE(DenseModel):
    """A point on the latent manifold for every voxel, and for every cell of the coarser levels.

    Parameters
    ----------
    encoder
        Pyramid of dense features.
    latent
        Manifold, posterior, prior and divergence.
    decoder
        Module from latent points (b, e, z, y, x) to grey values (b, c, z, y, x).
    widths
        Feature channels of the encoder's levels.
    weights
        Balance of the loss.
    """

    def __init__(
        self, encoder: PyramidEncoder, latent: Latent, decoder: nn.Module, widths: tuple[int, ...], weights: Weights
    ) -> None:
        super().__init__()
        self.encoder, self.latent, self.decoder, self.weights = encoder, latent, decoder, weights
        self.posterior_head = nn.Conv3d(widths[0], latent.n_outputs, 1)
        scales = weights.scales if weights.triplet else 0
        self.parent_heads = nn.ModuleList(nn.Conv3d(width, latent.latent_dim, 1) for width in widths[1 : 1 + scales])

    @property
    def manifold(self) -> Manifold:
        """Where the points live."""
        return self.latent.manifold

    @property
    def halo(self) -> Index3:
        """Voxels (z, y, x) of context needed around a block."""
        return self.encoder.halo

    @property
    def stride(self) -> Index3:
        """Blocks lie on multiples of this many voxels (z, y, x)."""
        return self.encoder.stride

    def embed(self, x: Tensor) -> Tensor:
        """Points (b, z, y, x, e) of the core of standardised grey values `x` (b, c, z, y, x) with halo."""
        tangent, _ = self._posterior_parameters(self._features(x)[0])
        return self.latent.locate(tangent)

    @property
    def decoder_reach(self) -> int:
        """Voxels around a point that the decoder's first layer looks at."""
        return REACH

    def decode(self, points: Tensor) -> Tensor:
        """Standardised grey values (b, c, z, y, x) that points (b, z, y, x, d) stand for."""
        decoded: Tensor = self.decoder(points.movedim(-1, 1))
        return decoded

    def loss(self, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Loss of one batch of standardised crops (b, c, z, y, x) with halo."""
        corrupted, hidden = hide_voxels(x, self.halo, self.weights.hidden, generator)
        features = self._features(corrupted)
        tangent, raw_width = self._posterior_parameters(features[0])
        window = _draw_window(hidden.shape[2:], generator)
        posterior = self.latent.posterior(tangent[:, *window], raw_width[:, *window])
        z, kl = self.latent.sample(posterior, generator)
        terms = {
            "reconstruction": self._reconstruction(_core(x, self.halo)[:, :, *window], z, hidden[:, :, *window]),
            "kl": kl.mean() / self.latent.latent_dim,
            "triplet": self._triplet(features, self.latent.locate(tangent), generator),
        }
        total = terms["reconstruction"] + self.weights.kl * terms["kl"] + self.weights.triplet * terms["triplet"]
        return LossOutput(total, terms)

    def _features(self, x: Tensor) -> list[Tensor]:
        with torch.autocast(x.device.type, dtype=torch.bfloat16, enabled=self.mixed_precision):
            features = self.encoder(x)
        return [feature.float() for feature in features]

    def _posterior_parameters(self, features: Tensor) -> tuple[Tensor, Tensor]:
        raw = self.posterior_head(features).movedim(1, -1)
        tangent, raw_width = raw.tensor_split([self.latent.latent_dim], dim=-1)
        return tangent, raw_width - 2.0

    def _reconstruction(self, x: Tensor, z: Tensor, hidden: Tensor) -> Tensor:
        predicted = self.decode(z)
        # At the window's faces half of what the decoder looks at is missing.
        inner = (slice(None), slice(None), *(slice(REACH, -REACH),) * 3)
        return gaussian_reconstruction(predicted[inner], x[inner], hidden[inner])

    def _triplet(self, features: list[Tensor], points: Tensor, generator: torch.Generator) -> Tensor:
        terms = [points.new_zeros(())]
        # Without heads, because containment has no weight or there is one level only, this costs nothing.
        for level, head, field in zip(self.encoder.levels[1:], self.parent_heads, features[1:], strict=False):
            parents = self.latent.locate(head(field).movedim(1, -1))
            drawn = sample_triplets(parents, points, level.stride, generator)
            if drawn is not None:
                terms.append(triplet(self.latent.manifold, *drawn, self.weights.margin))
        return torch.stack(terms).sum() / max(1, len(terms) - 1)


def _core(x: Tensor, halo: Index3) -> Tensor:
    z, y, w = (slice(h, n - h) for h, n in zip(halo, x.shape[2:], strict=True))
    return x[:, :, z, y, w]


def _draw_window(shape: tuple[int, ...], generator: torch.Generator) -> tuple[slice, slice, slice]:
    """A random part of the core to decode: the gyroplane convolution is the dearest layer, and a sample is enough."""
    edges = [max(4, int(DECODED * n)) for n in shape]
    share = torch.rand(3, generator=generator, device=generator.device).tolist()
    z, y, x = (int(s * (n - e + 1)) for s, n, e in zip(share, shape, edges, strict=True))
    return slice(z, z + edges[0]), slice(y, y + edges[1]), slice(x, x + edges[2])
