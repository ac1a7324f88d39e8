import math

import pytest
import torch

from napari_hypseg.nn.spatial.pose_space import CUBE_SPREAD, POSE_SPACES
from napari_hypseg.nn.spatial.rotations import (
    axial_rotation,
    cube_rotations,
    plane_rotation,
    rotation_angle,
    rotation_of_vector,
    vector_of_rotation,
)

EYE = torch.eye(3, dtype=torch.float64)


def test_the_rotation_of_the_plane_is_that_of_the_paper():
    c, s = math.cos(0.3), math.sin(0.3)
    torch.testing.assert_close(plane_rotation(torch.tensor(0.3)), torch.tensor([[c, s], [-s, c]]))
    torch.testing.assert_close(axial_rotation(torch.tensor(0.3))[1:, 1:], torch.tensor([[c, s], [-s, c]]))
    torch.testing.assert_close(axial_rotation(torch.tensor(0.3))[0], torch.tensor([1.0, 0, 0]))


@pytest.mark.parametrize("length", [0.0, 1e-5, 1e-3, 0.7, 2.0, 3.1])
def test_rotation_vectors_and_matrices_are_inverse(length):
    vectors = torch.randn(50, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    vectors = length * vectors / vectors.norm(dim=-1, keepdim=True)
    matrices = rotation_of_vector(vectors)
    torch.testing.assert_close(matrices @ matrices.mT, EYE.expand(50, 3, 3))
    torch.testing.assert_close(torch.linalg.det(matrices), torch.ones(50, dtype=torch.float64))
    torch.testing.assert_close(matrices, torch.matrix_exp(_generator_of(vectors)), atol=1e-6, rtol=0)
    torch.testing.assert_close(vector_of_rotation(matrices), vectors, atol=1e-6, rtol=0)


def _generator_of(v):
    """Row vectors: x R = x exp(A) with x A = v × x."""
    z = torch.zeros_like(v[:, 0])
    a, b, c = v.unbind(-1)
    rows = ([z, c, -b], [-c, z, a], [b, -a, z])
    return torch.stack([torch.stack(row, -1) for row in rows], -2)


def test_a_half_turn_has_a_vector_and_a_gradient():
    half = rotation_of_vector(math.pi * EYE)
    torch.testing.assert_close(vector_of_rotation(half).norm(dim=-1), torch.full((3,), math.pi, dtype=torch.float64))
    zero = torch.zeros(3, requires_grad=True)
    rotation_of_vector(zero).sum().backward()
    assert torch.isfinite(zero.grad).all()


def test_the_rotations_of_a_cube_are_a_group_that_leaves_no_rotation_far():
    cube = cube_rotations()
    torch.testing.assert_close(cube[0], torch.eye(3))
    assert len({tuple(matrix.flatten().tolist()) for matrix in cube}) == 24
    products = {tuple((a @ b).flatten().tolist()) for a in cube for b in cube}
    assert len(products) == 24
    drawn = POSE_SPACES["space"].random(4000, torch.Generator().manual_seed(0))
    nearest = rotation_angle(drawn[:, None] @ cube.mT).amin(1)
    assert 0.95 * CUBE_SPREAD < float(nearest.max()) <= CUBE_SPREAD + 1e-4


@pytest.mark.parametrize("name", POSE_SPACES)
def test_a_space_of_poses_is_consistent(name):
    space = POSE_SPACES[name]
    angles = torch.rand(20, space.n_angles, generator=torch.Generator().manual_seed(0)) * 1.6 - 0.8
    torch.testing.assert_close(space.angles(space.matrix(angles)), angles, atol=1e-5, rtol=0)
    for count in (1, 8):
        starts = space.starts(count)
        torch.testing.assert_close(starts[0], torch.eye(space.dims))
        assert space.spread(count) <= math.pi / min(count, 2) + 1e-6
    assert space.random(5, torch.Generator().manual_seed(0)).shape == (5, space.dims, space.dims)
