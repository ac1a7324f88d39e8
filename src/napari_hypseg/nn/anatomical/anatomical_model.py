"""A volume explained by an anatomical prior: which latent point draws the labels that its grey values follow."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from napari_hypseg.geometry.manifolds.manifold import Manifold
from napari_hypseg.geometry.manifolds.sphere import Sphere
from napari_hypseg.nn.anatomical.bias_field import BiasField
from napari_hypseg.nn.anatomical.label_decoder import DrawnShape, LabelDecoder
from napari_hypseg.nn.anatomical.label_field import LabelField
from napari_hypseg.nn.anatomical.label_intensities import LabelIntensities
from napari_hypseg.nn.anatomical.lattice import at_phase, draw_phase, lattice_voxels
from napari_hypseg.nn.anatomical.mean_field import ROUNDS, mean_field
from napari_hypseg.nn.anatomical.prior_frame import PriorFrame
from napari_hypseg.nn.anatomical.shape_encoder import ShapeEncoder
from napari_hypseg.nn.losses import LossOutput
from napari_hypseg.nn.model import DenseModel
from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.volume import Vector3

Bound = Literal["marginal", "jensen"]
LEVELS = 3
"""Times that the encoder halves the resolution."""
SLAB = 48
"""Voxels along z that are computed at once: all probabilities of all labels are held."""
LEAST_PROBABILITY = 1e-12
"""Below it a root has no gradient that single precision holds; nothing is decided by so little."""


@dataclass(frozen=True)
class ShapeOptions:
    """What of the published model takes part.

    Parameters
    ----------
    bound
        Of log p(x | z): its exact value, or the published bound by Jensen's inequality.
    adapts
        Whether the shape is adapted; without, the location prior is all that is known.
    kl_weight
        Of the divergence; 1 was published. Neighbouring voxels are counted as if each were evidence of its own, which
        a larger weight makes up for.
    smoothness
        How strongly neighbouring voxels are drawn to one label, as in `mean_field`; 0 judges each by itself.
    bias_field
        Whether grey values are corrected for a `BiasField`.
    """

    bound: Bound = "marginal"
    adapts: bool = True
    kl_weight: float = 6.0
    smoothness: float = 4.0
    bias_field: bool = False


class AnatomicalModel(DenseModel):
    """The second network of Dalca et al. 2018: an image encoder trained against the frozen decoder of the prior.

    The point of a voxel is the root of the probabilities of its labels given its grey values, on a sphere, where
    distances are those of Bhattacharyya; the origin is the background.

    Parameters
    ----------
    decoder
        The prior; it is not trained.
    frame
        Where its grid lies.
    n_channels
        Of the image.
    width
        Channels of the coarsest level of the encoder.
    options
        What of the published model takes part.
    """

    cpu_batch = 1
    affine: Tensor
    latent: Tensor
    image: Tensor
    valid: Tensor

    def __init__(
        self, decoder: LabelDecoder, frame: PriorFrame, n_channels: int, width: int, options: ShapeOptions
    ) -> None:
        super().__init__()
        self.frame = frame
        self.decoder, self.options = decoder.requires_grad_(False), options
        self.encoder = ShapeEncoder(2 * n_channels, decoder.latent_dim, width, LEVELS)
        self.intensities = LabelIntensities(decoder.n_labels, n_channels)
        self.field = LabelField(decoder.n_labels, decoder.shape, options.smoothness)
        self.bias = BiasField(n_channels, decoder.shape) if options.bias_field else None
        self.register_buffer("affine", torch.eye(3, 4))
        self.register_buffer("latent", torch.zeros(1, decoder.latent_dim, *decoder.latent_shape))
        self.register_buffer("image", torch.zeros(n_channels, *decoder.shape), persistent=False)
        self.register_buffer("valid", torch.zeros(decoder.shape, dtype=torch.bool), persistent=False)
        self._drawn: tuple[tuple[torch.device, int, int], DrawnShape] | None = None
        self._lock = threading.Lock()

    @property
    def manifold(self) -> Manifold:
        """The sphere of roots of probabilities."""
        return Sphere()

    @property
    def halo(self) -> Index3:
        """What the labels of neighbours are judged by; beside it a voxel has its grey value and where it is."""
        margin = ROUNDS if self.options.smoothness else 0
        return margin, margin, margin

    @property
    def stride(self) -> Index3:
        """Blocks lie anywhere."""
        return 1, 1, 1

    @torch.no_grad()
    def place(self, image: Tensor, valid: Tensor, affine: Tensor) -> None:
        """Say what is learned from, and begin with the intensities that the location prior gives the labels.

        Parameters
        ----------
        image
            Standardised grey values (c, z, y, x) on the grid of the prior; the model corrects them itself.
        valid
            bool (z, y, x); where the volume has voxels that count.
        affine
            (3, 4); from a voxel (z, y, x, 1) of the volume to a voxel of that grid.
        """
        if self.bias is not None:
            image = self.bias.correct(image, lattice_voxels(self.decoder.shape, (0, 0, 0), 1, image.device))
        self.image.copy_(image)
        self.valid.copy_(valid)
        self.affine.copy_(affine)
        location = self.decoder.log_location.softmax(dim=0)
        self.field.start(location)
        self.intensities.start(self.image[:, self.valid], location[:, self.valid])

    def loss(self, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Negative evidence lower bound, in nats a voxel, of the volume in its place; `x` (b,) only counts.

        Dalca et al. 2018, the bound on log p(x): the divergence of the posterior, and the expected log-likelihood
        under labels that the prior draws. That expectation is bounded once more there by Jensen's inequality, by
        Σ p(s | z) log p(x | s); its exact value, log Σ p(s | z) p(x | s), costs no more and is the default.

        Intensities move towards the grey values of each label as its neighbours have it: a label that is drawn to
        theirs holds fewer voxels that belong to others.
        """
        phase = draw_phase(generator)
        posterior = self.encoder(self._compared())
        latent = posterior.sample(generator) if self.options.adapts else torch.zeros_like(posterior.loc)
        voxels = lattice_voxels(self.decoder.shape, phase, device=latent.device)
        valid = at_phase(self.valid, phase)
        log_prior = self.decoder.log_prior(self.decoder.draw(latent), voxels)[0][:, valid]
        grey = at_phase(self.image, phase)[:, valid]
        log_likelihood = self.intensities.log_likelihood(grey)
        joint = log_prior + log_likelihood
        if self.options.bound == "marginal":
            evidence = joint.logsumexp(dim=0).mean()
        else:
            evidence = (log_prior.exp() * log_likelihood).sum(dim=0).mean()
        kl = self.options.adapts * posterior.kl().mean() / self.valid.sum().clamp_min(1)
        with torch.no_grad():
            self.latent.copy_(posterior.loc * self.options.adapts)
            probabilities = (joint + self.field.message(phase)[:, valid]).softmax(dim=0)
            self.field.update(phase, valid, probabilities)
            self.intensities.update(grey, probabilities)
        return LossOutput(self.options.kl_weight * kl - evidence, {"reconstruction": -evidence, "kl": kl})

    def _compared(self) -> Tensor:
        """The image (1, 2c, z, y, x) beside what the location prior expects there: convolutions know no place."""
        with torch.no_grad():
            expected = torch.einsum("lzyx,lc->czyx", self.decoder.log_location.exp(), self.intensities.label_means())
        return torch.cat([self.image, expected])[None]

    @torch.no_grad()
    def embed_at(self, x: Tensor, starts: Sequence[Index3]) -> Tensor:
        """Roots (b, z, y, x, labels) of the probabilities of labels, of blocks of grey values `x` (b, c, z, y, x)."""
        return self.sample_at(x, (1, 1, 1), starts)

    @torch.no_grad()
    def sample_at(self, x: Tensor, step: Index3, starts: Sequence[Index3]) -> Tensor:
        """Every `step`-th (z, y, x) of the points that `embed_at` gives, from the first on."""
        return torch.stack(
            [torch.cat(list(self._slabs(block, start, step))) for block, start in zip(x, starts, strict=False)]
        )

    def _slabs(self, grey: Tensor, start: Index3, step: Index3) -> Iterator[Tensor]:
        """Every `step`-th of the points of a block with halo, piece by piece along z."""
        z, y, x = step
        thickness = z * max(1, SLAB // z)
        around = 2 * self.halo[0]
        for first in range(0, grey.shape[1] - around, thickness):
            slab = grey[:, first : first + thickness + around]
            yield self._points(slab, (start[0] + first, start[1], start[2]))[::z, ::y, ::x]

    def _points(self, grey: Tensor, start: Index3) -> Tensor:
        """Points (z, y, x, labels) of a block of grey values (c, z, y, x) with halo, whose core begins at `start`."""
        z, y, x = (first - margin for first, margin in zip(start, self.halo, strict=True))
        voxels = self._grid_voxels(grey.shape[1:], (z, y, x))
        if self.bias is not None:
            grey = self.bias.correct(grey, voxels)
        joint = self.decoder.log_prior(self._fitted(), voxels)[0] + self.intensities.log_likelihood(grey)
        if self.options.smoothness:
            joint = mean_field(joint, self.options.smoothness, self._edges())
        return functional.normalize(joint.softmax(dim=0).clamp_min(LEAST_PROBABILITY).sqrt(), dim=0).movedim(0, -1)

    def _edges(self) -> Vector3:
        """Edges (z, y, x) of the voxels of the volume, in voxels of the grid."""
        z, y, x = self.affine[:, :3].norm(dim=0).tolist()
        return z, y, x

    def _grid_voxels(self, shape: Sequence[int], start: Index3) -> Tensor:
        """Where the voxels of a block lie in the grid of the prior, (z, y, x, 3), zyx."""
        affine = self.affine
        axes = [
            torch.arange(first, first + n, device=affine.device, dtype=affine.dtype)
            for n, first in zip(shape, start, strict=True)
        ]
        return torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1) @ affine[:, :3].T + affine[:, 3]

    def _fitted(self) -> DrawnShape:
        """The shape at the latent map of the volume; drawn once, and again when that has changed."""
        with self._lock:
            state = self.latent.device, id(self.latent), self.latent._version
            if self._drawn is None or self._drawn[0] != state:
                self._drawn = state, self.decoder.draw(self.latent)
            return self._drawn[1]
