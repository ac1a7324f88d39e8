"""What a pose may be: rotations in the plane, about one axis of a box, or about all three, and where to start from."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from napari_hypseg.nn.spatial.rotations import (
    axial_rotation,
    cube_rotations,
    equal_turns,
    plane_angle,
    plane_rotation,
    random_angles,
    random_rotations,
    rotation_of_vector,
    vector_of_rotation,
)

CUBE_SPREAD = math.radians(62.8)
"""The largest angle from any rotation to the nearest of the 24 of a cube."""


@dataclass(frozen=True)
class PoseSpace:
    """Rotations of coordinates of one kind.

    Parameters
    ----------
    dims
        Dimension d of the coordinates.
    n_angles
        Numbers a rotation has: 1 about an axis, 3 in space.
    matrix
        From angles (…, n_angles) in radians to rotations (…, d, d).
    angles
        The inverse, the shortest way round.
    random
        From a number n and a generator to n rotations (n, d, d), uniform over all.
    starts
        From how many starting rotations are asked for to rotations (k, d, d), the identity first, spread evenly.
    spread
        From their number to the largest angle from any rotation to the nearest start.
    """

    dims: int
    n_angles: int
    matrix: Callable[[Tensor], Tensor]
    angles: Callable[[Tensor], Tensor]
    random: Callable[[int, torch.Generator], Tensor]
    starts: Callable[[int], Tensor]
    spread: Callable[[int], float]


def _about_axis(dims: int, matrix: Callable[[Tensor], Tensor], angle: Callable[[Tensor], Tensor]) -> PoseSpace:
    """Rotations that one angle describes."""
    return PoseSpace(
        dims,
        1,
        lambda angles: matrix(angles[..., 0]),
        lambda rotation: angle(rotation)[..., None],
        lambda count, generator: matrix(random_angles(count, generator)),
        lambda count: matrix(equal_turns(count)),
        lambda count: math.pi / count,
    )


POSE_SPACES: Mapping[str, PoseSpace] = {
    "plane": _about_axis(2, plane_rotation, plane_angle),
    "axis": _about_axis(3, axial_rotation, lambda rotation: plane_angle(rotation[..., 1:, 1:])),
    "space": PoseSpace(
        3,
        3,
        rotation_of_vector,
        vector_of_rotation,
        random_rotations,
        lambda count: cube_rotations()[: 1 if count == 1 else None],
        lambda count: math.pi if count == 1 else CUBE_SPREAD,
    ),
}
"""By name in the settings; in space there is one start, or the 24 rotations of a cube."""
