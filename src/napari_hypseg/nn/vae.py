"""The dense variational auto-encoder: encoder, latent space and decoder, composed."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from napari_hypseg.geometry.manifold import Manifold
from napari_hypseg.nn.blindspot import hide_voxels
from napari_hypseg.nn.encoders import FilterPyramid, VoxelNetwork
from napari_hypseg.nn.latent import Latent
from napari_hypseg.nn.losses import LossOutput, fixed_gaussian, gaussian_reconstruction, triplet
from napari_hypseg.nn.model import DenseModel
from napari_hypseg.nn.triplets import sample_triplets
from napari_hypseg.volumes.box import Index3

DECODED = 0.6
"""Edge of the decoded part of a crop's core, relative to the core."""
LOOKS = 0.2
"""Standard deviation to which the latent point tells what a voxel looks like, where features have about 1."""
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
    pyramid
        What every voxel looks like.
    encoder
        From that to the raw numbers of a posterior.
    latent
        Manifold, posterior, prior and divergence.
    decoder
        Module from latent points (b, e, z, y, x) to grey values and what the voxel looks like (b, c + f, z, y, x).
    weights
        Balance of the loss.
    """

    def __init__(
        self, pyramid: FilterPyramid, encoder: VoxelNetwork, latent: Latent, decoder: nn.Module, weights: Weights
    ) -> None:
        super().__init__()
        self.pyramid, self.encoder, self.latent, self.decoder, self.weights = pyramid, encoder, latent, decoder, weights
        scales = weights.scales if weights.triplet else 0
        coarser = pyramid.widths[1 : 1 + scales]
        self.parent_heads = nn.ModuleList(nn.Conv3d(width, latent.latent_dim, 1) for width in coarser)

    @property
    def manifold(self) -> Manifold:
        """Where the points live."""
        return self.latent.manifold

    @property
    def halo(self) -> Index3:
        """Voxels (z, y, x) of context needed around a block."""
        return self.pyramid.halo

    @property
    def stride(self) -> Index3:
        """Blocks lie on multiples of this many voxels (z, y, x)."""
        return self.pyramid.stride

    def embed(self, x: Tensor) -> Tensor:
        """Points (b, z, y, x, e) of the core of standardised grey values `x` (b, c, z, y, x) with halo."""
        tangent, _ = self._posterior_parameters(self.pyramid(x)[0])
        return self.latent.locate(tangent)

    @property
    def decoder_reach(self) -> int:
        """Voxels around a point that the decoder's first layer looks at."""
        return REACH

    def decode(self, points: Tensor) -> Tensor:
        """Standardised grey values (b, c, z, y, x) that points (b, z, y, x, d) stand for."""
        return self._drawn(points).tensor_split([self._channels], dim=1)[0]

    def loss(self, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Loss of one batch of standardised crops (b, c, z, y, x) with halo."""
        corrupted, hidden = hide_voxels(x, self.halo, self.weights.hidden, generator)
        clean = self.pyramid(x, measured=True)[0]
        features = self.pyramid(corrupted)
        tangent, raw_width = self._posterior_parameters(features[0])
        window = (slice(None), slice(None), *_draw_window(hidden.shape[2:], generator))
        posterior = self.latent.posterior(tangent[:, *window[2:]], raw_width[:, *window[2:]])
        z, kl = self.latent.sample(posterior, generator)
        grey, looks = self._reconstruction(z, _core(x, self.halo)[window], clean[window], hidden[window])
        terms = {
            "reconstruction": grey,
            "appearance": looks,
            "kl": kl.mean() / self.latent.latent_dim,
            "triplet": self._triplet(features, self.latent.locate(tangent), generator),
        }
        total = grey + looks + self.weights.kl * terms["kl"] + self.weights.triplet * terms["triplet"]
        return LossOutput(total, terms)

    def _posterior_parameters(self, features: Tensor) -> tuple[Tensor, Tensor]:
        with torch.autocast(features.device.type, dtype=torch.bfloat16, enabled=self.mixed_precision):
            raw = self.encoder(features)
        tangent, raw_width = raw.float().tensor_split([self.latent.latent_dim], dim=-1)
        return tangent, raw_width - 2.0

    @property
    def _channels(self) -> int:
        return self.pyramid.in_channels

    def _drawn(self, points: Tensor) -> Tensor:
        drawn: Tensor = self.decoder(points.movedim(-1, 1))
        return drawn

    def _reconstruction(self, z: Tensor, grey: Tensor, looks: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """How badly hidden grey values, and what all voxels look like, are drawn from `z`."""
        # At the window's faces half of what the decoder looks at is missing.
        inner = (slice(None), slice(None), *(slice(REACH, -REACH),) * 3)
        greys, others = self._drawn(z)[inner].tensor_split([self._channels], dim=1)
        return gaussian_reconstruction(greys, grey[inner], hidden[inner]), fixed_gaussian(others, looks[inner], LOOKS)

    def _triplet(self, features: list[Tensor], points: Tensor, generator: torch.Generator) -> Tensor:
        terms = [points.new_zeros(())]
        # Without heads, because containment has no weight or there is one level only, this costs nothing.
        for level, head, field in zip(self.pyramid.levels[1:], self.parent_heads, features[1:], strict=False):
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
