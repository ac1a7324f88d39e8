"""A rotation or a shift of the coordinates moves what is drawn, exactly and without any learning."""

import math

import pytest
import torch

from napari_hypseg.nn.spatial.alignment import align
from napari_hypseg.nn.spatial.coordinates import pixel_coordinates, sample_at
from napari_hypseg.nn.spatial.pose_posterior import Pose
from napari_hypseg.nn.spatial.rotations import axial_rotation, cube_rotations, plane_rotation

EXACT = {"atol": 2e-6, "rtol": 0}


def test_coordinates_reach_from_minus_one_to_one_in_array_order():
    places = pixel_coordinates((3, 5)).view(3, 5, 2)
    torch.testing.assert_close(places[0, 0], torch.tensor([-1.0, -1.0]))
    torch.testing.assert_close(places[2, 4], torch.tensor([1.0, 1.0]))
    torch.testing.assert_close(places[1, 2], torch.tensor([0.0, 0.0]))
    torch.testing.assert_close(places[1, 1], torch.tensor([0.0, -0.5]))
    assert pixel_coordinates((4, 1)).tolist()[0] == [-1.0, 0.0]


@pytest.mark.parametrize("shape", [(4, 7), (3, 4, 5)])
def test_values_are_read_where_they_stand(shape):
    images = torch.randn(2, *shape)
    places = pixel_coordinates(shape).expand(2, -1, -1)
    torch.testing.assert_close(sample_at(images, places).view_as(images), images, atol=1e-5, rtol=0)
    assert not sample_at(images, places + 5).any()


@pytest.mark.parametrize("latent", ["euclidean", "hyperspherical", "hyperbolic"])
@pytest.mark.parametrize("frequencies", [0, 3])
def test_a_quarter_turn_turns_the_image(build, latent, frequencies):
    model = build((9, 9), latent=latent, frequencies=frequencies)
    points = model.latent.to_point(torch.randn(2, 2))
    upright = model.generate(points)
    quarter = Pose(plane_rotation(torch.full((2,), math.pi / 2)), torch.zeros(2, 2))
    torch.testing.assert_close(model.generate(points, quarter), upright.rot90(-1, (1, 2)), **EXACT)


def test_a_rotation_about_the_axis_turns_every_section(build):
    model = build((5, 5, 5), rotations="axis")
    points = torch.randn(1, 2)
    turned = model.generate(points, Pose(axial_rotation(torch.tensor([math.pi / 2])), torch.zeros(1, 3)))
    torch.testing.assert_close(turned, model.generate(points).rot90(-1, (2, 3)), **EXACT)


def test_the_rotations_of_a_cube_permute_the_voxels(build):
    model = build((5, 5, 5), rotations="space")
    points = torch.randn(1, 2).expand(24, -1)
    drawn, upright = model.generate(points, Pose(cube_rotations(), torch.zeros(24, 3))), model.generate(points[:1])
    torch.testing.assert_close(drawn.flatten(1).sort(1)[0], upright.flatten(1).sort(1)[0].expand(24, -1), **EXACT)
    assert (drawn[1:] - upright).abs().amax((1, 2, 3)).min() > 1e-3


def test_a_shift_of_two_pixels_moves_the_image_by_two(build):
    model = build((9, 9))
    points = torch.randn(1, 2)
    shifted = model.generate(points, Pose(torch.eye(2)[None], torch.tensor([[2 * 0.25, -0.25]])))
    torch.testing.assert_close(shifted[:, :7, 1:], model.generate(points)[:, 2:, :8], **EXACT)


def test_aligning_takes_rotation_and_shift_back(build):
    model = build((21, 21))
    points = torch.randn(3, 2)
    pose = Pose(plane_rotation(torch.tensor([0.4, -2.0, 3.0])), torch.tensor([[0.1, 0.0], [-0.1, 0.2], [0.0, -0.2]]))
    back, upright = align(model.generate(points, pose), pose), model.generate(points)
    inside = (slice(None), slice(7, 14), slice(7, 14))
    torch.testing.assert_close(back[inside], upright[inside], atol=1e-2, rtol=0)
