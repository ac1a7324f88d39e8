"""The dense variational auto-encoder: encoder, latent space and decoder, composed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from napari_hypseg.geometry.manifolds.manifold import Manifold
from napari_hypseg.nn.batch_vectors import BatchVectors
from napari_hypseg.nn.blindspot import mask_voxels
from napari_hypseg.nn.consistency import consistency_loss, degraded
from napari_hypseg.nn.encoders import FilterBank, VoxelMLP, crop_margin
from napari_hypseg.nn.latent import Latent
from napari_hypseg.nn.losses import LossOutput, fixed_variance_nll, optimal_variance_nll, triplet_loss
from napari_hypseg.nn.model import PatchModel
from napari_hypseg.nn.triplet_sampling import sample_triplets
from napari_hypseg.volumes.box import Index3

DECODED_FRACTION = 0.6
"""Edge of the decoded window relative to the core of a crop."""
APPEARANCE_SCALE = 0.4
"""Standard deviation of the likelihood of appearance features, which vary by about 1."""
DECODER_RADIUS = 1
"""Radius in voxels of the first layer of the decoder."""


@dataclass(frozen=True)
class LossWeights:
    """Weights of the loss terms, in nats a voxel; consistency is off at 0.

    `margin` and `scales`, the number of parent sizes from the smallest on, belong to the triplet loss; `hidden`, the
    share of masked voxels, to the blind spot.
    """

    kl: float
    triplet: float
    margin: float
    scales: int
    hidden: float
    consistency: float = 0.0


class VAE(PatchModel):
    """A point on the latent manifold for every voxel.

    Parameters
    ----------
    filters
        Appearance features of every voxel.
    encoder
        From these to the raw parameters of a posterior.
    latent
        Manifold, posterior, prior and divergence.
    decoder
        Module from latent points (b, e, z, y, x) to grey values and appearance features (b, c + f, z, y, x).
    weights
        Balance of the loss.
    batches
        Vectors of the specimens it learns from.
    """

    def __init__(
        self,
        filters: FilterBank,
        encoder: VoxelMLP,
        latent: Latent,
        decoder: nn.Module,
        weights: LossWeights,
        batches: BatchVectors,
    ) -> None:
        super().__init__()
        self.batches = batches
        self.filters, self.encoder, self.latent, self.decoder, self.weights = filters, encoder, latent, decoder, weights

    @property
    def manifold(self) -> Manifold:
        """Manifold of the points."""
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
        """Points (b, z, y, x, e) of the core of standardised grey values `x` (b, c, z, y, x) with halo.

        Behind the grey values may be their batch vector, see `with_batch_vector`.
        """
        return self.sample(x, (1, 1, 1))

    def sample(self, x: Tensor, step: Index3) -> Tensor:
        """Every `step`-th (z, y, x) of the points that `embed` gives; what lies between is not computed."""
        grey, batch = self.batches.split(x)
        tangent, _ = self._posterior_parameters(self.filters(grey, step=step), batch)
        return self.latent.to_point(tangent)

    def batch_vectors(self, n_specimens: int) -> npt.NDArray[np.float32] | None:
        """Vectors (s, n) of the specimens it learned from, None for others or if it is told none."""
        vectors = self.batches.vectors
        return vectors.cpu().numpy() if vectors.shape[1] and len(vectors) == n_specimens else None

    @property
    def decoder_radius(self) -> int:
        """Radius in voxels of the first layer of the decoder."""
        return DECODER_RADIUS

    def decode(self, points: Tensor) -> Tensor:
        """Standardised grey values (b, c, z, y, x) decoded from points (b, z, y, x, d)."""
        return self._decode(points, self.batches.mean(len(points))).tensor_split([self._channels], dim=1)[0]

    def loss(self, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Loss of one batch of standardised crops (b, c + n, z, y, x) with halo, n the width of batch vectors."""
        x, batch = self.batches.split(x)
        corrupted, hidden = mask_voxels(x, self.halo, self.weights.hidden, generator)
        clean = self.filters(x, measured=True)
        tangent, raw_width = self._posterior_parameters(self.filters(corrupted), batch)
        window = (slice(None), slice(None), *_draw_window(hidden.shape[2:], generator))
        posterior = self.latent.posterior(tangent[:, *window[2:]], raw_width[:, *window[2:]])
        z, kl = self.latent.sample(posterior, generator)
        drawn = self._decode(z, batch)
        grey, appearance = _reconstruction(drawn, crop_margin(x, self.halo)[window], clean[window], hidden[window])
        terms = {
            "reconstruction": grey,
            "appearance": appearance,
            "kl": kl.mean() / self.latent.latent_dim,
            "triplet": self._triplet(corrupted, batch, self.latent.to_point(tangent), generator),
        }
        total = grey + appearance + self.weights.kl * terms["kl"] + self.weights.triplet * terms["triplet"]
        if self.weights.consistency:
            copy, _ = self._posterior_parameters(self.filters(degraded(x, generator)), batch)
            terms["consistency"] = consistency_loss(tangent, copy)
            total = total + self.weights.consistency * terms["consistency"]
        return LossOutput(total, terms)

    def _posterior_parameters(self, features: Tensor, batch: Tensor) -> tuple[Tensor, Tensor]:
        with torch.autocast(features.device.type, dtype=torch.bfloat16, enabled=self.mixed_precision):
            raw = self.encoder(features, batch)
        tangent, raw_width = raw.float().tensor_split([self.latent.latent_dim], dim=-1)
        return tangent, raw_width - 2.0

    @property
    def _channels(self) -> int:
        return self.filters.in_channels

    def _decode(self, points: Tensor, batch: Tensor) -> Tensor:
        drawn: Tensor = self.decoder(points.movedim(-1, 1), batch)
        return drawn

    def _triplet(self, x: Tensor, batch: Tensor, points: Tensor, generator: torch.Generator) -> Tensor:
        """Triplet loss whose parents are embedded from a downsampled copy by the same network."""
        terms = [points.new_zeros(())]
        for stride in self._parent_strides(points.shape[1:4]):
            coarse = self.filters.coarse_features(x, stride)
            parents = self.latent.to_point(self._posterior_parameters(coarse, batch)[0])
            drawn = sample_triplets(parents, points, stride, generator)
            if drawn is not None:
                terms.append(triplet_loss(self.latent.manifold, *drawn, self.weights.margin))
        return torch.stack(terms).sum() / max(1, len(terms) - 1)

    def _parent_strides(self, grid: Sequence[int]) -> list[Index3]:
        """Strides (z, y, x) of the parents that fit in a core of `grid` voxels; none without a triplet loss."""
        strides = self.filters.coarse_strides[: self.weights.scales if self.weights.triplet else 0]
        return [stride for stride in strides if all(s <= n for s, n in zip(stride, grid, strict=True))]


def _reconstruction(drawn: Tensor, grey: Tensor, appearance: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
    """Negative log likelihoods of masked grey values, and of the appearance of all voxels, as they are `drawn`."""
    # At the window's faces a part of the receptive field of the decoder is missing.
    inner = (slice(None), slice(None), *(slice(DECODER_RADIUS, -DECODER_RADIUS),) * 3)
    greys, others = drawn[inner].tensor_split([grey.shape[1]], dim=1)
    return optimal_variance_nll(greys, grey[inner], hidden[inner]), fixed_variance_nll(
        others, appearance[inner], APPEARANCE_SCALE
    )


def _draw_window(shape: tuple[int, ...], generator: torch.Generator) -> tuple[slice, slice, slice]:
    """A random window of the core to decode; the gyroplane convolution is the most expensive layer."""
    edges = [max(4, int(DECODED_FRACTION * n)) for n in shape]
    share = torch.rand(3, generator=generator, device=generator.device).tolist()
    z, y, x = (int(s * (n - e + 1)) for s, n, e in zip(share, shape, edges, strict=True))
    return slice(z, z + edges[0]), slice(y, y + edges[1]), slice(x, x + edges[2])
