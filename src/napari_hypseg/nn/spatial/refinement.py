"""Content and pose of each image refined on their own, by the gradient of the evidence.

An inference network that has seen few images, or none like this one, is off by more than the noise of the image is
(amortisation gap, Cremer, Li and Duvenaud 2018); the generator alone tells how to correct it.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from napari_hypseg.nn.spatial.pose_posterior import Pose
from napari_hypseg.nn.spatial.pose_space import PoseSpace

CONTENT_RATE, ANGLE_RATE, SHIFT_RATE = 0.15, 0.06, 0.02
"""First steps along each coordinate: in units of the prior, in radians, and in units of the coordinates."""


class Mode(NamedTuple):
    """Where the posterior of images is highest: frame coordinates (b, d) of the content at the origin, and pose."""

    content: Tensor
    pose: Pose


def refined(
    mode: Mode,
    log_posterior: Callable[[Tensor, Pose], Tensor],
    space: PoseSpace,
    steps: int,
    free: tuple[bool, bool, bool] = (True, True, True),
) -> Mode:
    """The modes after some steps of Adam at a rate that falls to 0; each image goes its own way.

    Parameters
    ----------
    mode
        Where to begin.
    log_posterior
        From content (b, d) and pose to the log-density (b,).
    space
        Of the rotations.
    steps
        Of Adam.
    free
        Whether content, rotation and shift may change.
    """
    content, shift = mode.content.clone(), mode.pose.shift.clone()
    turn = content.new_zeros(len(content), space.n_angles)
    rated = zip((content, turn, shift), (CONTENT_RATE, ANGLE_RATE, SHIFT_RATE), free, strict=True)
    groups = [{"params": [values.requires_grad_()], "lr": rate} for values, rate, is_free in rated if is_free]

    def pose() -> Pose:
        return Pose(mode.pose.rotation @ space.matrix(turn), shift)

    if not groups:
        return mode
    adam = torch.optim.Adam(groups, betas=(0.7, 0.95))
    slower = torch.optim.lr_scheduler.LambdaLR(adam, lambda step: 1 - step / steps)
    with torch.enable_grad():
        for _ in range(steps):
            adam.zero_grad()
            (-log_posterior(content, pose()).sum()).backward()
            adam.step()
            slower.step()
    found = pose()
    return Mode(content.detach(), Pose(found.rotation.detach(), found.shift.detach()))
