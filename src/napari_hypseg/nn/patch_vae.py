"""The variational auto-encoder of Hsu et al. 2021, as published: patches of 10³ voxels, each encoded by itself."""

import math

import torch
from torch import Tensor
from torch.nn import functional

from napari_hypseg.geometry.distributions.wrapped_normal import WrappedNormal
from napari_hypseg.geometry.manifolds.manifold import Manifold
from napari_hypseg.nn.losses import LossOutput, triplet_loss
from napari_hypseg.nn.model import PatchModel
from napari_hypseg.nn.patch_networks import PatchDecoder, PatchEncoder
from napari_hypseg.nn.patch_triplets import EDGE, draw_triplets, resize_patches
from napari_hypseg.volumes.box import Index3

NEIGHBOURHOOD = 5
"""Edge of the patch that is encoded for a voxel."""
PATCHES = 256
"""Patches encoded at once: about 50 MB of features."""
SAMPLES = 8
"""Draws that the divergence is estimated from."""
SCALE_FLOOR = 1e-5
CLIP = 8.0
"""Largest norm of the gradient of the published loss."""
ADAM_EPSILON = 1e-8


class PatchVAE(PatchModel):
    """One point for a patch, whatever its size was before it was resized; a voxel's point is that of its 5³ voxels.

    The loss is the published one, divided by the number of grey values of a patch so that it is in nats a voxel like
    every other method's; clipping and Adam's epsilon are divided with it, so that the steps are those of the published
    loss.

    Parameters
    ----------
    manifold, latent_dim
        Manifold of the points, and its dimension.
    n_channels
        Channels of the volume.
    triplet_weight, triplet_margin
        β of the paper's total loss, and the margin of its triplet loss.
    """

    block_divisor = 12
    """Encoding two blocks of 4³ voxels takes about 0.2 s on a CPU."""

    def __init__(
        self, manifold: Manifold, latent_dim: int, n_channels: int, triplet_weight: float, triplet_margin: float
    ) -> None:
        super().__init__()
        self._manifold, self.triplet_weight, self.triplet_margin = manifold, triplet_weight, triplet_margin
        self.encoder = PatchEncoder(n_channels, latent_dim)
        self.decoder = PatchDecoder(manifold, latent_dim, n_channels)
        self.values = n_channels * EDGE**3
        self.clip = CLIP / self.values

    @property
    def manifold(self) -> Manifold:
        """Manifold of the points."""
        return self._manifold

    @property
    def halo(self) -> Index3:
        """Voxels (z, y, x) of context needed around a block."""
        return NEIGHBOURHOOD // 2, NEIGHBOURHOOD // 2, NEIGHBOURHOOD // 2

    @property
    def stride(self) -> Index3:
        """Blocks may begin at any voxel."""
        return 1, 1, 1

    def optimiser(self, rate: float) -> torch.optim.Optimizer:
        """Adam with AMSGrad (Reddi et al. 2018)."""
        return torch.optim.Adam(self.parameters(), lr=rate, eps=ADAM_EPSILON / self.values, amsgrad=True)

    def embed(self, x: Tensor) -> Tensor:
        """Points (b, z, y, x, d) of the core of standardised grey values `x` (b, c, z, y, x) with halo."""
        windows = x.unfold(2, NEIGHBOURHOOD, 1).unfold(3, NEIGHBOURHOOD, 1).unfold(4, NEIGHBOURHOOD, 1).movedim(1, 4)
        grid = windows.shape[:4]
        # Taken by number: all windows of a block at once would be 125 copies of it.
        numbers = torch.arange(grid.numel(), device=x.device).split(PATCHES)
        points = [self._posterior(resize_patches(windows[torch.unravel_index(part, grid)])).loc for part in numbers]
        return torch.cat(points).view(*grid, -1)

    @property
    def decoder_radius(self) -> int:
        """0: a voxel is decoded from its own point alone."""
        return 0

    def decode(self, points: Tensor) -> Tensor:
        """Standardised grey values (b, c, z, y, x) decoded from points (b, z, y, x, d)."""
        middle = slice(EDGE // 2 - 1, EDGE // 2 + 1)  # where the middle one of 5³ voxels lies in 10³
        patches = (self.decoder(part)[:, :, middle, middle, middle] for part in points.flatten(0, -2).split(PATCHES))
        grey = torch.cat([patch.mean((2, 3, 4)) for patch in patches])
        return grey.view(*points.shape[:-1], -1).movedim(-1, 1)

    def loss(self, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Loss of one triplet from each of a batch of standardised crops (b, c, z, y, x)."""
        parents, children, negatives = draw_triplets(x, generator)
        posterior = self._posterior(parents)
        draws, log_posterior = posterior.rsample_with_log_prob(generator, SAMPLES)
        prior = WrappedNormal(self.manifold, torch.zeros_like(posterior.loc), draws.new_ones(()))
        terms = {
            "reconstruction": self._reconstruction(draws[0], parents),
            "kl": (log_posterior - prior.log_prob(draws)).mean(),
            "triplet": self._triplet(posterior.loc, children, negatives),
        }
        beside = terms["kl"] + self.triplet_weight * terms["triplet"]
        return LossOutput(terms["reconstruction"] + beside / self.values, terms)

    def _posterior(self, patches: Tensor) -> WrappedNormal:
        """Wrapped normal of each of `patches` (n, c, 10, 10, 10)."""
        with self._autocast(patches):
            location, scale = self.encoder(patches)
        loc = self.manifold.expmap0(location.float())
        return WrappedNormal(self.manifold, loc, functional.softplus(scale.float()) + SCALE_FLOOR)

    def _reconstruction(self, z: Tensor, patches: Tensor) -> Tensor:
        """Negative log likelihood a grey value under a normal of variance 1."""
        with self._autocast(patches):
            predicted: Tensor = self.decoder(z)
        return 0.5 * (predicted.float() - patches).square().mean() + 0.5 * math.log(2 * math.pi)

    def _triplet(self, parents: Tensor, children: Tensor, negatives: Tensor) -> Tensor:
        near, far = self._posterior(torch.cat([children, negatives])).loc.chunk(2)
        return triplet_loss(self.manifold, parents, near, far[:, None], self.triplet_margin)

    def _autocast(self, x: Tensor) -> torch.autocast:
        return torch.autocast(x.device.type, dtype=torch.bfloat16, enabled=self.mixed_precision)
