"""The posterior of a pose: normal in the angles and in the shift, about a starting rotation."""

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from napari_hypseg.nn.spatial.pose_kl import mean_free_kl, normal_kl
from napari_hypseg.nn.spatial.pose_space import PoseSpace

OVERLAP = 1.25
"""How far the angles reach from a starting rotation, relative to half the way to the next."""
LOG_SCALE_LIMIT = 8.0
"""Largest log of a standard deviation relative to its unit, either way; beyond it the exponential is of no use."""


@dataclass(frozen=True, eq=False)
class Pose:
    """Where the content lies: a coordinate x of the image is x R + Δ of the content (eq. 2 of Bepler et al.).

    Parameters
    ----------
    rotation
        R (…, d, d).
    shift
        Δ (…, d) in units of the coordinates.
    """

    rotation: Tensor
    shift: Tensor

    def __call__(self, coordinates: Tensor) -> Tensor:
        """Coordinates (…, n, d) of the content, of those of the image (n, d)."""
        return coordinates @ self.rotation + self.shift[..., None, :]


@dataclass(frozen=True)
class PosePrior:
    """What is assumed of poses.

    Parameters
    ----------
    space
        Which rotations there are.
    n_starts
        How many starting rotations are tried; 1 is the published inference.
    angle_scale
        Standard deviation s_θ of the angles in radians; 0 fixes the rotation (eq. 5).
    mean_free
        Whether the divergence of the angles leaves their mean alone (eq. 3).
    shift_scale
        Standard deviation s_Δ of the shift in units of the coordinates; 0 fixes it (eq. 5).
    """

    space: PoseSpace
    n_starts: int
    angle_scale: float
    mean_free: bool
    shift_scale: float

    @property
    def n_outputs(self) -> int:
        """Numbers an encoder gives for a pose: means and log-scales of angles and shift."""
        return 2 * (self.space.n_angles + self.space.dims)

    def starts(self) -> Tensor:
        """Starting rotations (k, d, d)."""
        return self.space.starts(self.n_starts if self.angle_scale else 1)

    def log_density(self, pose: Pose) -> Tensor:
        """Log-density (…), up to a constant, of a pose; any angle is as likely as another where their mean is free."""
        density = torch.zeros_like(pose.shift[..., 0])
        if self.angle_scale and not self.mean_free:
            density = density - 0.5 * (self.space.angles(pose.rotation) / self.angle_scale).square().sum(-1)
        if self.shift_scale:
            density = density - 0.5 * (pose.shift / self.shift_scale).square().sum(-1)
        return density

    def posterior(self, raw: Tensor, start: Tensor) -> "PosePosterior":
        """Posterior from an encoder's outputs (…, n_outputs) about the rotations `start` (…, d, d)."""
        n, d = self.space.n_angles, self.space.dims
        angle, angle_width, shift, shift_width = raw.split([n, n, d, d], dim=-1)
        reach = self.space.spread(self.n_starts)
        if self.n_starts > 1:
            angle = OVERLAP * reach * torch.tanh(angle)
        return PosePosterior(
            self,
            start,
            angle,
            reach / math.pi * _scale(angle_width),
            self.shift_scale * shift,
            self.shift_scale * _scale(shift_width),
        )


@dataclass(frozen=True, eq=False)
class PosePosterior:
    """Normal posterior of angles and shift.

    Parameters
    ----------
    prior
        With which it is compared.
    start
        Starting rotations (…, d, d).
    angle, angle_scale
        Means and standard deviations (…, n_angles) in radians, from the starting rotation.
    shift, shift_scale
        Means and standard deviations (…, d).
    """

    prior: PosePrior
    start: Tensor
    angle: Tensor
    angle_scale: Tensor
    shift: Tensor
    shift_scale: Tensor

    def mode(self) -> Pose:
        """The most likely pose."""
        prior = self.prior
        rotation = self.start @ prior.space.matrix(self.angle) if prior.angle_scale else self.start
        return Pose(rotation, self.shift if prior.shift_scale else torch.zeros_like(self.shift))

    def rsample(self, generator: torch.Generator) -> Pose:
        """A differentiable draw."""
        angle, shift = (
            loc + scale * torch.randn(loc.shape, generator=generator, dtype=loc.dtype, device=loc.device)
            for loc, scale in ((self.angle, self.angle_scale), (self.shift, self.shift_scale))
        )
        return replace(self, angle=angle, shift=shift).mode()

    def kl(self) -> Tensor:
        """KL(posterior ‖ prior) (…) of eq. 4; what is fixed has none (eq. 5)."""
        prior = self.prior
        kl = torch.zeros_like(self.angle[..., 0])
        if prior.angle_scale and prior.mean_free:
            kl = kl + mean_free_kl(self.angle_scale, prior.angle_scale)
        elif prior.angle_scale:
            kl = kl + normal_kl(prior.space.angles(self.mode().rotation), self.angle_scale, prior.angle_scale)
        if prior.shift_scale:
            kl = kl + normal_kl(self.shift, self.shift_scale, prior.shift_scale)
        return kl


def _scale(raw: Tensor) -> Tensor:
    return raw.clamp(-LOG_SCALE_LIMIT, LOG_SCALE_LIMIT).exp()
