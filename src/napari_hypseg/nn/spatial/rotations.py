"""Rotations of coordinates, which are row vectors: a rotation R takes x to x R, as in eq. 2 of Bepler et al."""

import itertools
import math

import torch
from torch import Tensor

SMALL = 1e-6
"""Squared angle below which sin(a)/a is taken from its series, to keep its gradient finite."""


def plane_rotation(angle: Tensor) -> Tensor:
    """R(θ) = [[cos θ, sin θ], [−sin θ, cos θ]] (…, 2, 2) of angles θ (…) in radians (eq. 2)."""
    cos, sin = angle.cos(), angle.sin()
    return torch.stack([torch.stack([cos, sin], -1), torch.stack([-sin, cos], -1)], -2)


def axial_rotation(angle: Tensor) -> Tensor:
    """Rotation (…, 3, 3) of coordinates (z, y, x) about the axis z by angles (…): `plane_rotation` of (y, x)."""
    cos, sin, one, zero = angle.cos(), angle.sin(), torch.ones_like(angle), torch.zeros_like(angle)
    rows = ([one, zero, zero], [zero, cos, sin], [zero, -sin, cos])
    return torch.stack([torch.stack(row, -1) for row in rows], -2)


def quaternion_matrix(quaternion: Tensor) -> Tensor:
    """Rotation (…, 3, 3) of row vectors by unit quaternions (…, 4), scalar first."""
    w, a, b, c = quaternion.unbind(-1)
    rows = (
        [1 - 2 * (b * b + c * c), 2 * (a * b + c * w), 2 * (a * c - b * w)],
        [2 * (a * b - c * w), 1 - 2 * (a * a + c * c), 2 * (b * c + a * w)],
        [2 * (a * c + b * w), 2 * (b * c - a * w), 1 - 2 * (a * a + b * b)],
    )
    return torch.stack([torch.stack(row, -1) for row in rows], -2)


def rotation_of_vector(vector: Tensor) -> Tensor:
    """Rotation (…, 3, 3) by |v| about v, of rotation vectors v (…, 3) in radians, through the unit quaternion."""
    square = vector.square().sum(-1, keepdim=True)
    half = square.clamp_min(SMALL).sqrt() / 2
    near = square < SMALL
    scalar = torch.where(near, 1 - square / 8, half.cos())
    factor = torch.where(near, 0.5 - square / 48, half.sin() / (2 * half))
    return quaternion_matrix(torch.cat([scalar, factor * vector], -1))


def plane_angle(rotation: Tensor) -> Tensor:
    """Angles (…) in (−π, π] of `plane_rotation` matrices (…, 2, 2)."""
    return torch.atan2(rotation[..., 0, 1], rotation[..., 0, 0])


def matrix_quaternion(rotation: Tensor) -> Tensor:
    """Unit quaternions (…, 4), scalar first and not negative, of rotations (…, 3, 3); inverse of `quaternion_matrix`.

    Each component is the largest for some rotations; the others are found from that one (Shepperd 1978).
    """
    (a, b, c), (d, e, f), (g, h, i) = (row.unbind(-1) for row in rotation.unbind(-2))
    products = torch.stack(
        [
            torch.stack([1 + a + e + i, f - h, g - c, b - d], -1),
            torch.stack([f - h, 1 + a - e - i, b + d, c + g], -1),
            torch.stack([g - c, b + d, 1 - a + e - i, f + h], -1),
            torch.stack([b - d, c + g, f + h, 1 - a - e + i], -1),
        ],
        -2,
    )
    largest = products.diagonal(dim1=-2, dim2=-1).argmax(-1)
    row = torch.take_along_dim(products, largest[..., None, None], dim=-2).squeeze(-2)
    quaternion = row / row.norm(dim=-1, keepdim=True)
    return torch.where(quaternion[..., :1] < 0, -quaternion, quaternion)


def vector_of_rotation(rotation: Tensor) -> Tensor:
    """Rotation vectors (…, 3) of length ≤ π of rotations (…, 3, 3); inverse of `rotation_of_vector`."""
    quaternion = matrix_quaternion(rotation)
    scalar, imaginary = quaternion[..., :1], quaternion[..., 1:]
    sine = imaginary.square().sum(-1, keepdim=True).clamp_min(SMALL**2).sqrt()
    return imaginary * torch.where(sine > SMALL, 2 * torch.atan2(sine, scalar) / sine, 2.0)


def random_angles(count: int, generator: torch.Generator) -> Tensor:
    """Angles (count,) uniform over a full turn."""
    return 2 * math.pi * torch.rand(count, generator=generator, device=generator.device)


def random_rotations(count: int, generator: torch.Generator) -> Tensor:
    """Rotations (count, 3, 3) uniform over all, from uniform unit quaternions."""
    quaternion = torch.randn(count, 4, generator=generator, device=generator.device)
    return quaternion_matrix(quaternion / quaternion.norm(dim=-1, keepdim=True))


def rotation_angle(rotation: Tensor) -> Tensor:
    """Angle (…) in [0, π] by which rotations (…, 3, 3) turn."""
    trace = rotation.diagonal(dim1=-2, dim2=-1).sum(-1)
    return ((trace - 1) / 2).clamp(-1, 1).acos()


def cube_rotations() -> Tensor:
    """The 24 rotations (24, 3, 3) that take a cube to itself, the identity first."""
    found = []
    for order in itertools.permutations(range(3)):
        for signs in itertools.product((1.0, -1.0), repeat=3):
            matrix = torch.zeros(3, 3)
            for axis, (target, sign) in enumerate(zip(order, signs, strict=True)):
                matrix[axis, target] = sign
            if float(torch.linalg.det(matrix)) > 0:
                found.append(matrix)
    return torch.stack(sorted(found, key=lambda matrix: -float(matrix.trace())))


def equal_turns(count: int) -> Tensor:
    """`count` angles (count,) that divide a full turn, from 0 on."""
    return torch.arange(count) * (2 * math.pi / count)
