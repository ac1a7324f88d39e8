"""The spatial-VAE of Bepler et al. 2019, and the same with several starting rotations tried for every image."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from napari_hypseg.geometry.manifolds.manifold import Manifold
from napari_hypseg.nn.latent import Latent
from napari_hypseg.nn.losses import LossOutput
from napari_hypseg.nn.model import TrainableModel
from napari_hypseg.nn.spatial.coordinates import pixel_coordinates, sample_at
from napari_hypseg.nn.spatial.generator import SpatialGenerator
from napari_hypseg.nn.spatial.likelihoods import Likelihood
from napari_hypseg.nn.spatial.pose_posterior import Pose, PosePosterior, PosePrior
from napari_hypseg.nn.spatial.refinement import Mode, refined

PASS_FLOPS = 2e9
"""Multiplications and additions of one pass on a processor, 0.1 to 0.2 s on a core."""

LOCATION_GAIN = 4.0
"""Of the encoder's outputs for the content, which are small at first."""
WIDTH_START = -2.0
"""Log-odds of the width of the content's posterior at first, relative to the prior's: a narrow one, because a generator
that hears nothing but noise learns to ignore the content."""
INSPECTED = 2048
"""Pixels by which particles are inferred; more tell little more."""
LIKELY = 2
"""Starting rotations of a particle that are compared once more: by more pixels, or after refining."""
MORE_COMPARED = 4
"""Pixels by which the likely ones are compared once more, relative to those by which all are."""


@dataclass(frozen=True)
class SpatialLearning:
    """How a spatial-VAE learns.

    Parameters
    ----------
    augment
        Whether the inference network sees images turned at random, the turn being taken off what it infers.
    frozen_images
        How many images are seen before the latent point, at the origin till then, is inferred.
    warm_images
        Over how many images after that the weight of the content's divergence rises from 0 to 1.
    decoded
        Pixels of an image that are generated in a step, drawn at random; None generates all.
    compared
        Pixels by which starting rotations are compared.
    encoder_rate
        Learning rate of the encoder relative to that of the generator.
    """

    augment: bool
    frozen_images: int
    warm_images: int
    decoded: int | None
    compared: int
    encoder_rate: float


@dataclass(frozen=True, eq=False)
class Inferred:
    """What is inferred of images.

    Parameters
    ----------
    points
        (b, e); the content.
    pose
        Rotation (b, d, d) and shift (b, d).
    elbo
        (b,); the evidence at the posterior's mode, in nats a pixel.
    doubt
        (b,); probability that another starting rotation is the right one.
    """

    points: Tensor
    pose: Pose
    elbo: Tensor
    doubt: Tensor


class SpatialVAE(TrainableModel):
    """Content, rotation and shift of an image.

    Parameters
    ----------
    shape
        Of an image (y, x) or a box (z, y, x).
    latent
        Manifold, posterior, prior and divergence of the content.
    prior
        Of the pose.
    encoder
        Module from images (b, *shape) to ``latent.n_outputs + prior.n_outputs`` numbers.
    generator
        From coordinates and points to the parameters of the distribution of a value.
    likelihood
        That distribution.
    learning
        How it learns.
    refine_steps
        Steps by which what the encoder infers is refined.
    """

    coordinates: Tensor
    starts: Tensor
    seen: Tensor

    def __init__(
        self,
        shape: Sequence[int],
        latent: Latent,
        prior: PosePrior,
        encoder: nn.Module,
        generator: SpatialGenerator,
        likelihood: Likelihood,
        learning: SpatialLearning,
        refine_steps: int = 0,
    ) -> None:
        super().__init__()
        self.shape, self.latent, self.prior = tuple(shape), latent, prior
        self.encoder, self.generator, self.likelihood, self.learning = encoder, generator, likelihood, learning
        self.refine_steps = refine_steps
        self.cpu_batch = self._images_a_pass()
        self.register_buffer("coordinates", pixel_coordinates(shape), persistent=False)
        self.register_buffer("starts", prior.starts(), persistent=False)
        self.register_buffer("seen", torch.zeros((), dtype=torch.int64))

    @property
    def manifold(self) -> Manifold:
        """Manifold of the points."""
        return self.latent.manifold

    @property
    def inspected(self) -> int:
        """Number of pixels by which a particle is inferred."""
        return min(INSPECTED, len(self.coordinates))

    def optimiser(self, rate: float) -> torch.optim.Optimizer:
        """Adam, as published, at a lower rate for the encoder.

        An encoder of all pixels sums hundreds of them: a step that suits the generator would saturate its units.
        """
        share = self.learning.encoder_rate
        groups = [
            {"params": self.generator.parameters(), "lr": rate},
            {"params": self.encoder.parameters(), "lr": share * rate, "rate_share": share},
        ]
        return torch.optim.Adam(groups, lr=rate)

    def loss(self, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Negative evidence lower bound (eq. 4) of images (b, *shape), in nats a pixel, from one draw."""
        start = self._start(x, generator)
        tangent, width, pose = self._posteriors(x, start)
        z, kl = self.latent.sample(self.latent.posterior(tangent, width), generator)
        if self._is_frozen:
            z, kl = self._origin(z), torch.zeros_like(kl)
        weight = self._content_weight()
        self.seen += len(x)
        pixels = self._pixels(self.learning.decoded, generator)
        log_prob = self._log_prob(x, z, pose.rsample(generator), pixels).mean()
        n = len(self.coordinates)
        terms = {"reconstruction": -log_prob, "kl": kl.mean() / n, "pose_kl": pose.kl().mean() / n}
        return LossOutput(terms["reconstruction"] + weight * terms["kl"] + terms["pose_kl"], terms)

    def generate(self, points: Tensor, pose: Pose | None = None) -> Tensor:
        """Images (b, *shape) to be expected of points (b, e), upright and in the middle unless a pose is given."""
        places = self.coordinates.expand(len(points), -1, -1) if pose is None else pose(self.coordinates)
        return self.likelihood.mean(self.generator(places, points)).view(-1, *self.shape)

    @torch.no_grad()
    def infer(self, x: Tensor) -> Inferred:
        """Content and pose of images (b, *shape), by the starting rotation with the highest evidence.

        The most likely starts are refined before they are compared.
        """
        pixels = self._pixels(INSPECTED, torch.Generator(x.device).manual_seed(0))
        evidence, modes = self._candidates(x, self.starts.expand(len(x), -1, -1, -1), pixels)
        if self.refine_steps:
            self._refine(x, evidence, modes, pixels)
        best, rows = evidence.argmax(1), torch.arange(len(x), device=x.device)
        doubt = 1 - evidence.softmax(1)[rows, best]
        chosen = Pose(modes.pose.rotation[rows, best], modes.pose.shift[rows, best])
        points = self._point(modes.content[rows, best])
        return Inferred(points, chosen, evidence[rows, best] / self.inspected, doubt)

    def _refine(self, x: Tensor, evidence: Tensor, modes: Mode, pixels: Tensor | slice) -> None:
        """Refine, in place, the modes (b, k, …) of the most likely starts, and their `evidence` (b, k)."""
        chosen = evidence.topk(min(LIKELY, evidence.shape[1]), dim=1).indices
        rows, n = torch.arange(len(x), device=x.device)[:, None], chosen.shape[1]
        before = Mode(
            modes.content[rows, chosen].flatten(0, 1),
            Pose(modes.pose.rotation[rows, chosen].flatten(0, 1), modes.pose.shift[rows, chosen].flatten(0, 1)),
        )
        images = x.repeat_interleave(n, dim=0)

        def log_posterior(content: Tensor, pose: Pose) -> Tensor:
            z = self._point(content)
            return self._log_prob(images, z, pose, pixels).sum(1) + self._log_prior(z) + self.prior.log_density(pose)

        free = (not self._is_frozen, self.prior.angle_scale > 0, self.prior.shift_scale > 0)
        after = refined(before, log_posterior, self.prior.space, self.refine_steps, free)
        gain = (log_posterior(*after) - log_posterior(*before)).view(len(x), n)
        better = gain > 0
        at, start = rows.expand_as(chosen)[better], chosen[better]
        for values, found in zip(
            (modes.content, modes.pose.rotation, modes.pose.shift),
            (after.content, after.pose.rotation, after.pose.shift),
            strict=True,
        ):
            values[at, start] = found.unflatten(0, (-1, n))[better]
        evidence[at, start] += gain[better]

    def _start(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """A starting rotation (b, d, d) for each image, drawn by the evidence for each."""
        starts = self.starts.expand(len(x), -1, -1, -1)
        if self.learning.augment:
            starts = self.prior.space.random(len(x), generator)[:, None] @ starts
        if starts.shape[1] == 1:
            return starts[:, 0]
        with torch.no_grad():
            # The evidence of the compared pixels alone: early on, when nothing is drawn well, it leaves all in play.
            pixels = self._pixels(self.learning.compared, generator)
            evidence, _ = self._candidates(x, starts, pixels, self._is_coarse)
            rows = torch.arange(len(x), device=x.device)[:, None]
            likely = evidence.topk(min(LIKELY, starts.shape[1]), dim=1).indices
            if not self._is_coarse:  # what lies the other way differs in few pixels
                more = self._pixels(MORE_COMPARED * self.learning.compared, generator)
                evidence[rows, likely] += self._candidates(x, starts[rows, likely], more)[0]
                rest = torch.ones_like(evidence, dtype=torch.bool).scatter(1, likely, False)
                evidence = evidence.masked_fill(rest, -torch.inf)
            drawn = torch.multinomial(evidence.softmax(1), 1, generator=generator)[:, 0]
        return starts[torch.arange(len(x), device=x.device), drawn]

    def _candidates(
        self, x: Tensor, starts: Tensor, pixels: Tensor | slice, at_origin: bool = False
    ) -> tuple[Tensor, Mode]:
        """Evidence (b, k) of `pixels` at the modes about each of `starts` (b, k, d, d), and these modes (b, k, …)."""
        k = starts.shape[1]
        images = x.repeat_interleave(k, dim=0)
        content, _, pose = self._posteriors(images, starts.flatten(0, 1))
        if at_origin:
            content = torch.zeros_like(content)
        mode, points = pose.mode(), self._point(content)
        log_prob = self._log_prob(images, points, mode, pixels).sum(1)
        evidence = (log_prob + self._content_weight() * self._log_prior(points) - pose.kl()).view(-1, k)
        rotation, shift = (values.unflatten(0, (-1, k)).clone() for values in (mode.rotation, mode.shift))
        return evidence, Mode(content.unflatten(0, (-1, k)), Pose(rotation, shift))

    def _posteriors(self, x: Tensor, start: Tensor) -> tuple[Tensor, Tensor, PosePosterior]:
        """Raw location and width of the content, and posterior of the pose about `start` (b, d, d)."""
        turned = x
        if len(self.starts) > 1 or self.learning.augment:
            turned = sample_at(x, self.coordinates @ start.mT).view_as(x)
        n = self.latent.latent_dim
        raw: Tensor = self.encoder(turned)
        tangent, width, pose = raw.split([n, self.latent.n_outputs - n, self.prior.n_outputs], dim=-1)
        return LOCATION_GAIN * tangent, width + WIDTH_START, self.prior.posterior(pose, start)

    def _log_prob(self, x: Tensor, z: Tensor, pose: Pose, pixels: Tensor | slice) -> Tensor:
        """Log-densities (b, m) of the values of `pixels` (eq. 2)."""
        outputs = self.generator(pose(self.coordinates[pixels]), z)
        return self.likelihood.log_prob(outputs, x.flatten(1)[:, pixels])

    def _log_prior(self, points: Tensor) -> Tensor:
        log_prob: Tensor = self.latent.family.prior(self.manifold, points).log_prob(points)
        return log_prob

    def _pixels(self, count: int | None, generator: torch.Generator) -> Tensor | slice:
        n = len(self.coordinates)
        if count is None or count >= n:
            return slice(None)
        return torch.randperm(n, generator=generator, device=generator.device)[:count]

    def _images_a_pass(self) -> int:
        pixels, macs = math.prod(self.shape), sum(weight.numel() for weight in self.generator.parameters())
        compared = len(self.prior.starts()) * self.learning.compared
        generated = 3 * (self.learning.decoded or pixels) + compared  # backwards costs twice what forwards does
        return max(2, int(PASS_FLOPS / (2 * macs * generated)))

    @property
    def _is_frozen(self) -> bool:
        """Whether poses alone are learned, and the content of everything is the origin."""
        return int(self.seen) < self.learning.frozen_images

    @property
    def _is_coarse(self) -> bool:
        """Whether starts are still compared without the content, which could tell apart what lies the other way."""
        return int(self.seen) < self.learning.frozen_images + self.learning.warm_images

    def _content_weight(self) -> float:
        """Weight of the content's divergence; at full weight from the beginning the content may never be used."""
        since = int(self.seen) - self.learning.frozen_images
        return min(1.0, max(0.0, since / self.learning.warm_images)) if self.learning.warm_images else 1.0

    def _point(self, content: Tensor) -> Tensor:
        """Points (…, e) of frame coordinates (…, d), all at the origin as long as the content waits."""
        return self._origin(self.latent.to_point(content)) if self._is_frozen else self.latent.to_point(content)

    def _origin(self, like: Tensor) -> Tensor:
        return self.manifold.expmap0(torch.zeros_like(like))
