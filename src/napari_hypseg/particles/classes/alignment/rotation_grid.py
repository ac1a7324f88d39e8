"""Rotations spread evenly over all there are, and around one of them."""

import math

import torch
from torch import Tensor

from napari_hypseg.nn.spatial.rotations import quaternion_matrix, rotation_of_vector

FIRST, SECOND = math.sqrt(2), 1.533751168755204288118041
"""Constants of the spiral; the second solves x⁴ = x + 4."""
VOLUME = 8 * math.pi**2
"""Of the group of rotations, where a small turn by an angle is as long as that angle."""


def even_rotations(step: float) -> Tensor:
    """Rotations (n, 3, 3) about `step` degrees apart (super-Fibonacci spiral, Alexa 2022)."""
    count = max(1, round(VOLUME / math.radians(step) ** 3))
    place = torch.arange(count, dtype=torch.float64) + 0.5
    near, far = (place / count).sqrt(), (1 - place / count).sqrt()
    one, other = 2 * math.pi * place / FIRST, 2 * math.pi * place / SECOND
    quaternions = [near * one.sin(), near * one.cos(), far * other.sin(), far * other.cos()]
    return quaternion_matrix(torch.stack(quaternions, dim=1)).float()


def rotations_around(step: float, reach: float) -> Tensor:
    """Rotations (n, 3, 3) `step` degrees apart that turn by at most `reach` degrees, the identity among them."""
    line = torch.arange(-math.ceil(reach / step), math.ceil(reach / step) + 1) * step
    vectors = torch.cartesian_prod(line, line, line)
    near = vectors[vectors.norm(dim=1) <= reach + 1e-6]
    return rotation_of_vector(torch.deg2rad(near))
