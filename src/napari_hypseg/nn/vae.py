"""The dense variational auto-encoder: encoder, latent space and decoder, composed."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from napari_hypseg.geometry.manifolds.manifold import Manifold
from napari_hypseg.nn.blindspot import hide_voxels
from napari_hypseg.nn.encoders import Filters, VoxelNetwork, core
from napari_hypseg.nn.latent import Latent
from napari_hypseg.nn.losses import LossOutput, fixed_gaussian, gaussian_reconstruction, triplet
from napari_hypseg.nn.model import DenseModel
from napari_hypseg.nn.triplets import sample_triplets
from napari_hypseg.volumes.box import Index3

DECODED = 0.6
"""Edge of the decoded part of a crop's core, relative to the core."""
LOOKS = 0.4
"""Standard deviation to which the latent point tells what a voxel looks like, where features have about 1."""
REACH = 1
"""Voxels around a point that the decoder's first layer looks at."""


@dataclass(frozen=True)
class Weights:
    """How much each term counts, in nats a voxel.

    `margin` and `scales`, how many sizes of wholes there are, smallest first, belong to the triplet; `hidden` to the
    blind spot.
    """

    kl: float
    triplet: float
    margin: float
    scales: int
    hidden: float


class VAE(DenseModel):
    """A point on the latent manifold for every voxel.

    Parameters
    ----------
    filters
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
        self, filters: Filters, encoder: VoxelNetwork, latent: Latent, decoder: nn.Module, weights: Weights
    ) -> None:
        super().__init__()
        self.filters, self.encoder, self.latent, self.decoder, self.weights = filters, encoder, latent, decoder, weights

    @property
    def manifold(self) -> Manifold:
        """Where the points live."""
        return self.latent.manifold

    @property
    def halo(self) -> Index3:
        """Voxels (z, y, x) of context needed around a block."""
        return self.filters.halo

    @property
    def stride(self) -> Index3:
        """Blocks lie anywhere."""
        return 1, 1, 1

    def embed(self, x: Tensor) -> Tensor:
        """Points (b, z, y, x, e) of the core of standardised grey values `x` (b, c, z, y, x) with halo."""
        tangent, _ = self._posterior_parameters(self.filters(x))
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
        clean = self.filters(x, measured=True)
        tangent, raw_width = self._posterior_parameters(self.filters(corrupted))
        window = (slice(None), slice(None), *_draw_window(hidden.shape[2:], generator))
        posterior = self.latent.posterior(tangent[:, *window[2:]], raw_width[:, *window[2:]])
        z, kl = self.latent.sample(posterior, generator)
        grey, looks = self._reconstruction(z, core(x, self.halo)[window], clean[window], hidden[window])
        terms = {
            "reconstruction": grey,
            "appearance": looks,
            "kl": kl.mean() / self.latent.latent_dim,
            "triplet": self._triplet(corrupted, self.latent.locate(tangent), generator),
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
        return self.filters.in_channels

    def _drawn(self, points: Tensor) -> Tensor:
        drawn: Tensor = self.decoder(points.movedim(-1, 1))
        return drawn

    def _reconstruction(self, z: Tensor, grey: Tensor, looks: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """How badly hidden grey values, and what all voxels look like, are drawn from `z`."""
        # At the window's faces half of what the decoder looks at is missing.
        inner = (slice(None), slice(None), *(slice(REACH, -REACH),) * 3)
        greys, others = self._drawn(z)[inner].tensor_split([self._channels], dim=1)
        return gaussian_reconstruction(greys, grey[inner], hidden[inner]), fixed_gaussian(others, looks[inner], LOOKS)

    def _triplet(self, x: Tensor, points: Tensor, generator: torch.Generator) -> Tensor:
        """A whole is what the same network makes of a coarser copy: a larger patch at the same size."""
        terms = [points.new_zeros(())]
        for stride in self._wholes(points.shape[1:4]):
            parents = self.latent.locate(self._posterior_parameters(self.filters.coarser(x, stride))[0])
            drawn = sample_triplets(parents, points, stride, generator)
            if drawn is not None:
                terms.append(triplet(self.latent.manifold, *drawn, self.weights.margin))
        return torch.stack(terms).sum() / max(1, len(terms) - 1)

    def _wholes(self, grid: Sequence[int]) -> list[Index3]:
        """Edges (z, y, x) of the wholes that fit in a core of `grid` voxels; none where containment has no weight."""
        strides = self.filters.coarser_strides[: self.weights.scales if self.weights.triplet else 0]
        return [stride for stride in strides if all(s <= n for s, n in zip(stride, grid, strict=True))]


def _draw_window(shape: tuple[int, ...], generator: torch.Generator) -> tuple[slice, slice, slice]:
    """A random part of the core to decode: the gyroplane convolution is the dearest layer, and a sample is enough."""
    edges = [max(4, int(DECODED * n)) for n in shape]
    share = torch.rand(3, generator=generator, device=generator.device).tolist()
    z, y, x = (int(s * (n - e + 1)) for s, n, e in zip(share, shape, edges, strict=True))
    return slice(z, z + edges[0]), slice(y, y + edges[1]), slice(x, x + edges[2])
