"""Algebraic laws of the ball, over seed, dtype and curvature."""

import math

import pytest
import torch

from napari_hypseg.errors import SettingError
from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.geometry.manifolds.poincare import RIM, PoincareBall


@pytest.mark.parametrize("dim", [2, 8, 64])
def test_logarithm_undoes_exponential(points, dim):
    ball, x = points.ball, points.point(50, dim)
    at_origin = points.vector(50, dim, length=1.5)
    points.near(ball.logmap0(ball.expmap0(at_origin)), at_origin)
    v = ball.transp0(x, at_origin)
    points.near(ball.to_frame(x, ball.logmap(x, ball.expmap(x, v))), ball.to_frame(x, v), slack=10)
    y = points.point(50, dim)
    points.near(ball.expmap(x, ball.logmap(x, y)), y)


def test_maps_at_the_origin_are_the_general_ones(points):
    ball, v = points.ball, points.vector(20, 4)
    origin = torch.zeros_like(v)
    points.near(ball.expmap(origin, v), ball.expmap0(v))
    points.near(ball.logmap(origin, ball.expmap0(v)), v)


def test_left_cancellation_and_neutral_element(points):
    ball, x, y = points.ball, points.point(50, 5), points.point(50, 5)
    points.near(ball.mobius_add(-x, ball.mobius_add(x, y)), y)
    points.near(ball.mobius_add(x, torch.zeros_like(x)), x)
    points.near(ball.mobius_add(torch.zeros_like(x), y), y)
    points.near(ball.mobius_add(-x, x), torch.zeros_like(x))


def test_mobius_addition_is_the_published_formula(points):
    c, x, y = points.ball.curvature, points.point(50, 5), points.point(50, 5)
    xy, xx, yy = (x * y).sum(-1, keepdim=True), x.square().sum(-1, keepdim=True), y.square().sum(-1, keepdim=True)
    published = ((1 + 2 * c * xy + c * yy) * x + (1 - c * xx) * y) / (1 + 2 * c * xy + c**2 * xx * yy)
    points.near(points.ball.mobius_add(x, y), published)


def test_distance_is_the_length_of_the_logarithm_and_the_published_formula(points):
    ball, x, y = points.ball, points.point(50, 6), points.point(50, 6)
    length = ball.to_frame(x, ball.logmap(x, y)).norm(dim=-1)
    points.near(length, ball.dist(x, y))
    c = ball.curvature
    gaps = (1 - c * x.square().sum(-1)) * (1 - c * y.square().sum(-1))
    published = torch.acosh(1 + 2 * c * (x - y).square().sum(-1) / gaps) / math.sqrt(c)
    points.near(ball.dist(x, y), published, slack=10)


def test_distance_is_a_metric_that_translation_keeps(points):
    ball = points.ball
    x, y, z = (points.point(50, 3) for _ in range(3))
    points.near(ball.dist(x, y), ball.dist(y, x))
    assert (ball.dist(x, z) <= ball.dist(x, y) + ball.dist(y, z) + points.tolerance).all()
    points.near(ball.dist(ball.mobius_add(z, x), ball.mobius_add(z, y)), ball.dist(x, y), slack=10)
    assert (ball.dist(x, x) < 1e-15).all()


def test_pairwise_distances_are_the_distances(points):
    ball, x, y = points.ball, points.point(30, 7, length=3.0), points.point(11, 7, length=3.0)
    points.near(ball.pairwise_dist(x, y), ball.dist(x[:, None], y[None]), slack=0.1)


def test_pairwise_distances_keep_their_digits_when_points_nearly_coincide(points):
    ball = points.ball
    x = points.point(10, 8, length=4.0)
    u = 1e-3 * points.vector(10, 8)
    y = ball.expmap(x, ball.from_frame(x, u))
    found = ball.pairwise_dist(x, y).diagonal()
    torch.testing.assert_close(found.double(), ball.dist(x.double(), y.double()), rtol=1e-3, atol=0)


def test_inner_product_of_queries_and_keys_ranks_as_the_distance(points):
    ball, x, y = points.ball, points.point(40, 5, length=2.0), points.point(60, 5, length=2.0)
    ranked = (ball.queries(x) @ ball.keys(y).T).argmin(dim=1)
    points.near(ball.dist(x, y[ranked]), ball.pairwise_dist(x, y).amin(dim=1), slack=0.1)


def test_transport_from_the_origin_keeps_lengths_and_has_frame_coordinates(points):
    ball, x, v = points.ball, points.point(20, 4), points.vector(20, 4)
    moved = ball.transp0(x, v)
    points.near(ball.to_frame(x, moved), ball.to_frame(torch.zeros_like(x), v))
    points.near(ball.from_frame(x, ball.to_frame(x, v)), v)
    points.near(ball.transp0(x, 2 * v), 2 * moved)


def test_points_stay_inside_however_far_they_are_sent(points):
    ball, x = points.ball, points.point(20, 4)
    limit = (1 - RIM[points.dtype]) * (1 + 1e-6) / math.sqrt(ball.curvature)
    for length in (1.0, 30.0, 1e4, 1e8):
        v = points.vector(20, 4, length=length)
        for y in (ball.expmap0(v), ball.expmap(x, v), ball.expmap(ball.expmap0(-v), v), ball.project(v)):
            assert torch.isfinite(y).all()
            assert (y.norm(dim=-1) <= limit).all()


def test_logarithms_are_not_shortened_at_the_rim(dtype):
    ball = PoincareBall(1.0)
    rim = torch.tensor([1.0 - RIM[dtype], 0.0], dtype=dtype)
    length = float(ball.logmap0(rim).norm())
    assert length == pytest.approx(math.atanh(1.0 - RIM[dtype]), rel=1e-4)
    across = ball.to_frame(-rim, ball.logmap(-rim, rim)).norm()
    assert float(across) == pytest.approx(4 * math.atanh(1.0 - RIM[dtype]), rel=1e-3)


@pytest.mark.parametrize("operation", ["dist", "pairwise_dist", "logmap", "expmap", "mobius_add"])
@pytest.mark.parametrize("place", ["rim", "same", "origin", "opposite"])
def test_gradients_are_finite_everywhere(ball, dtype, operation, place):
    rim = ball.project(torch.tensor([[3.0, 0.1], [-1.0, 2.0]], dtype=dtype) / math.sqrt(ball.curvature) * 10)
    pairs = {"rim": (rim, rim.flip(0)), "same": (rim, rim), "origin": (0 * rim, 0 * rim), "opposite": (rim, -rim)}
    x, y = (t.clone().requires_grad_() for t in pairs[place])
    getattr(ball, operation)(x, y).sum().backward()
    assert torch.isfinite(x.grad).all()
    assert torch.isfinite(y.grad).all()


@pytest.mark.parametrize("operation", ["expmap0", "logmap0", "project", "lift", "keys"])
def test_gradients_of_single_points_are_finite(ball, dtype, operation):
    v = torch.tensor([[0.0, 0.0], [1e-20, 0.0], [1e3, 1.0], [0.3, -0.2]], dtype=dtype)
    x = (v if operation in ("expmap0", "project") else ball.expmap0(v)).requires_grad_()
    getattr(ball, operation)(x).sum().backward()
    assert torch.isfinite(x.grad).all()


def test_gradients_are_those_of_finite_differences():
    ball = PoincareBall(0.7)
    generator = torch.Generator().manual_seed(3)
    x, y = (ball.expmap0(0.5 * torch.randn(4, 3, generator=generator, dtype=torch.float64)) for _ in range(2))
    for operation in (ball.dist, ball.pairwise_dist, ball.logmap, ball.expmap, ball.mobius_add):
        assert torch.autograd.gradcheck(operation, (x.requires_grad_(), y.requires_grad_()))
    assert torch.autograd.gradgradcheck(ball.pairwise_dist, (x, y))
    assert torch.autograd.gradcheck(ball.expmap0, (x,))
    assert torch.autograd.gradcheck(ball.logmap0, (x,))


def test_vanishing_curvature_is_flat_space():
    ball, flat = PoincareBall(1e-8), Euclidean()
    generator = torch.Generator().manual_seed(0)
    x, y = (torch.randn(20, 5, generator=generator, dtype=torch.float64) for _ in range(2))
    torch.testing.assert_close(ball.expmap(x, y), flat.expmap(x, y), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(ball.logmap(x, y), flat.logmap(x, y), rtol=1e-5, atol=1e-5)
    # The ball's metric tends to 4 times the Euclidean one.
    torch.testing.assert_close(ball.dist(x, y), 2 * flat.dist(x, y), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(ball.logdetexp(x), flat.logdetexp(x), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("curvature", [0.0, -1.0, math.inf, math.nan])
def test_a_curvature_that_is_no_ball_is_refused(curvature):
    with pytest.raises(SettingError, match="number above 0"):
        PoincareBall(curvature)
