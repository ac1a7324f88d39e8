"""The auto-encoder over label maps whose decoder is the anatomical prior."""

import torch
from torch import Tensor, nn

from napari_hypseg.nn.anatomical.deformation import DeformationScale, deform
from napari_hypseg.nn.anatomical.label_decoder import LabelDecoder
from napari_hypseg.nn.anatomical.lattice import at_phase, draw_phase, lattice_voxels
from napari_hypseg.nn.anatomical.shape_encoder import ShapeEncoder
from napari_hypseg.nn.losses import LossOutput
from napari_hypseg.nn.model import TrainableModel

EMBEDDED = 8
"""Numbers a label is encoded as; the same as a convolution of one voxel over one-hot label maps."""
LEVELS = 2
"""Times that the encoder halves half the resolution."""
LEAST_SEEN = 0.5
"""Voxels, shared among the labels, that every voxel is credited with, so that no label is impossible anywhere."""
LOCATION_SHARE = 0.3
"""Deformation of the maps that the location prior is counted in: the rest of it the decoder draws."""


class LabelAutoencoder(TrainableModel):
    """Learns p(s | z) from label maps alone, the first network of Dalca et al. 2018.

    Parameters
    ----------
    decoder
        What is learned.
    maps
        uint8 (n, z, y, x); the label maps, which are numbered from 0.
    scale
        How much they are deformed each time that they are looked at.
    width
        Channels of the coarsest level of the encoder.
    """

    cpu_batch = 1
    maps: Tensor

    def __init__(self, decoder: LabelDecoder, maps: Tensor, scale: DeformationScale, width: int) -> None:
        super().__init__()
        self.decoder, self.scale = decoder, scale
        self.register_buffer("maps", maps, persistent=False)
        self.embedding = nn.Embedding(decoder.n_labels, EMBEDDED)
        self.encoder = ShapeEncoder(2 * EMBEDDED, decoder.latent_dim, width, LEVELS)

    @torch.no_grad()
    def see(self, number: int, generator: torch.Generator) -> None:
        """Count random deformations of map `number` in the location prior, each on one lattice."""
        scale = DeformationScale(LOCATION_SHARE * self.scale.shift, LOCATION_SHARE * self.scale.linear)
        for place in range(8):
            phase = (place >> 2) & 1, (place >> 1) & 1, place & 1
            seen = deform(self.maps[number], scale, generator, phase).long()
            counts = at_phase(self.decoder.log_location, phase)
            counts.scatter_add_(0, seen[None], torch.ones_like(counts[:1]))

    @torch.no_grad()
    def finish_location(self) -> None:
        """Turn what was counted into the logarithm of the location prior."""
        counts = self.decoder.log_location + LEAST_SEEN / self.decoder.n_labels
        self.decoder.log_location.copy_((counts / counts.sum(dim=0)).log())

    def loss(self, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Negative evidence lower bound, in nats a voxel, of deformations of the maps of numbers `x` (b,).

        The bound on log p(s) of Dalca et al. 2018: the cross-entropy of the labels under one sample of the latent
        each, and the divergence of the posterior from a standard normal.
        """
        phase = draw_phase(generator)
        numbers = x.long().tolist()
        labels = torch.stack([deform(self.maps[number], self.scale, generator, phase) for number in numbers]).long()
        posterior = self.encoder(self._compared(labels, phase))
        drawn = self.decoder.draw(posterior.sample(generator))
        voxels = lattice_voxels(self.decoder.shape, phase, device=labels.device)
        cross_entropy = -self.decoder.log_prior(drawn, voxels).gather(1, labels.unsqueeze(1)).mean()
        kl = posterior.kl().mean() / self.maps[0].numel()
        return LossOutput(cross_entropy + kl, {"reconstruction": cross_entropy, "kl": kl})

    def _compared(self, labels: Tensor, phase: tuple[int, int, int]) -> Tensor:
        """Embedded labels (b, z, y, x) beside what the location prior expects there: convolutions know no place."""
        expected = torch.einsum(
            "lzyx,le->ezyx", at_phase(self.decoder.log_location, phase).exp(), self.embedding.weight
        )
        seen = self.embedding(labels).movedim(-1, 1)
        return torch.cat([seen, expected.expand_as(seen)], dim=1)
