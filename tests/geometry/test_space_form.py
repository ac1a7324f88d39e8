import numpy as np
import pytest
import torch

from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.geometry.manifolds.poincare import PoincareBall
from napari_hypseg.geometry.manifolds.sphere import Sphere
from napari_hypseg.geometry.space_form import SpaceForm

MANIFOLDS = {-1: PoincareBall(1.7), 0: Euclidean(), 1: Sphere()}
SIGNS = (-1, 0, 1)


@pytest.fixture
def draw():
    """Function that draws points of a manifold: those of the package, and lifted."""

    def make(sign, n, dim, spread=0.8):
        manifold = MANIFOLDS[sign]
        generator = torch.Generator().manual_seed(n + dim)
        shape = (n, manifold.ambient_dim(dim))
        origin = manifold.expmap0(torch.zeros(shape, dtype=torch.float64))
        frame = spread * torch.randn((n, dim), generator=generator, dtype=torch.float64)
        points = manifold.expmap(origin, manifold.from_frame(origin, frame))
        return points, SpaceForm(sign).lift(points.numpy(), manifold.curvature)

    return make


@pytest.mark.parametrize("dim", [2, 5])
@pytest.mark.parametrize("sign", SIGNS)
def test_distances_are_those_of_the_manifold_in_units_of_its_radius(draw, sign, dim):
    manifold, space = MANIFOLDS[sign], SpaceForm(sign)
    points, lifted = draw(sign, 20, dim)
    expected = manifold.dist(points[:10], points[10:]).numpy() * np.sqrt(abs(manifold.curvature) or 1)
    np.testing.assert_allclose(space.dist(lifted[:10], lifted[10:]), expected, rtol=1e-9)


@pytest.mark.parametrize("sign", SIGNS)
def test_a_geodesic_leads_from_one_point_to_the_other_at_even_steps(draw, sign):
    space = SpaceForm(sign)
    _, x = draw(sign, 16, 3)
    path = space.geodesic(x[:8], x[8:], 5)
    np.testing.assert_allclose(path[:, 0], x[:8], atol=1e-9)
    np.testing.assert_allclose(path[:, -1], x[8:], atol=1e-9)
    steps = space.dist(path[:, :-1], path[:, 1:])
    np.testing.assert_allclose(steps, np.repeat(space.dist(x[:8], x[8:])[:, None] / 4, 4, axis=1), rtol=1e-6)


@pytest.mark.parametrize("sign", SIGNS)
def test_a_translation_is_an_isometry_that_brings_its_point_to_the_origin(draw, sign):
    space = SpaceForm(sign)
    _, x = draw(sign, 20, 3)
    move = space.translation(x[0])
    moved = x @ move.T
    np.testing.assert_allclose(moved[0], [1, 0, 0, 0], atol=1e-9)
    np.testing.assert_allclose(space.dist(moved[:10], moved[10:]), space.dist(x[:10], x[10:]), rtol=1e-7)


def test_the_hyperbolic_translation_is_mobius_addition(draw):
    points, x = draw(-1, 12, 2)
    manifold = PoincareBall(1.7)
    moved = x @ SpaceForm(-1).translation(x[0]).T
    expected = manifold.mobius_add(-points[:1].expand_as(points), points)
    in_ball = moved[:, 1:] / (1 + moved[:, :1]) / np.sqrt(1.7)
    np.testing.assert_allclose(in_ball, expected.numpy(), atol=1e-9)


@pytest.mark.parametrize("sign", SIGNS)
def test_the_mean_of_two_points_lies_halfway(draw, sign):
    space = SpaceForm(sign)
    _, x = draw(sign, 2, 3)
    middle = space.centroid(x, np.ones(2))
    np.testing.assert_allclose(middle, space.geodesic(x[0], x[1], 3)[1], atol=1e-9)


def test_points_at_the_rim_and_coincident_ones_stay_finite():
    space = SpaceForm(-1)
    lifted = space.lift([[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    towards, length = space.direction(lifted[[1, 1]], lifted[[0, 2]])
    assert np.isfinite(lifted).all()
    assert np.isfinite(towards).all()
    assert length[1] == 0
