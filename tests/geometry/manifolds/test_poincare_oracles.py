"""The ball against geoopt, and near the rim against arithmetic of 50 digits."""

import warnings

import pytest
import torch

from napari_hypseg.geometry.manifolds.poincare import RIM, PoincareBall


@pytest.fixture
def oracle(ball, dtype):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        geoopt = pytest.importorskip("geoopt")
    return geoopt.PoincareBallExact(c=torch.tensor(ball.curvature, dtype=dtype))


def test_maps_agree_with_geoopt(points, oracle):
    ball, x, y, v = points.ball, points.point(40, 6), points.point(40, 6), points.vector(40, 6)
    points.near(ball.expmap0(v), oracle.expmap0(v))
    points.near(ball.logmap0(x), oracle.logmap0(x))
    points.near(ball.expmap(x, v), oracle.expmap(x, v))
    points.near(ball.logmap(x, y), oracle.logmap(x, y))
    points.near(ball.mobius_add(x, y), oracle.mobius_add(x, y))
    points.near(ball.transp0(x, v), oracle.transp0(x, v))


def test_distances_agree_with_geoopt(points, oracle):
    ball, x, y = points.ball, points.point(40, 6), points.point(40, 6)
    points.near(ball.dist(x, y), oracle.dist(x, y))
    points.near(ball.pairwise_dist(x, y), oracle.dist(x[:, None], y[None]))


def test_a_mean_is_where_geoopts_distances_balance(points, oracle):
    ball, x = points.ball, points.point(30, 3)
    mean = ball.frechet_mean(x)
    points.near(oracle.logmap(mean, x).mean(dim=0), torch.zeros_like(mean))


@pytest.mark.parametrize(("place", "other"), [(0.9, -0.9), (0.995, 0.9949), (0.995, -0.995), (0.3, 0.3000001)])
def test_distances_near_the_rim_have_their_digits(dtype, place, other):
    mpmath = pytest.importorskip("mpmath")
    x = torch.tensor([place, 0.01], dtype=dtype)
    y = torch.tensor([other, 0.01], dtype=dtype)
    with mpmath.workdps(50):
        a, b = ([mpmath.mpf(float(value)) for value in point] for point in (x, y))
        square = sum((p - q) ** 2 for p, q in zip(a, b, strict=True))
        gaps = (1 - sum(p * p for p in a)) * (1 - sum(q * q for q in b))
        exact = float(mpmath.acosh(1 + 2 * square / gaps))
    ball = PoincareBall(1.0)
    relative = {torch.float32: 1e-4, torch.float64: 1e-11}[dtype]
    assert float(ball.dist(x, y)) == pytest.approx(exact, rel=relative)
    assert float(ball.pairwise_dist(x[None], y[None])) == pytest.approx(exact, rel=relative)
    length = ball.to_frame(x, ball.logmap(x, y)).norm()
    assert float(length) == pytest.approx(exact, rel=relative)


def test_the_largest_radius_is_the_exact_one(dtype):
    mpmath = pytest.importorskip("mpmath")
    rim = torch.tensor([1.0 - RIM[dtype], 0.0], dtype=dtype)
    exact = 2 * float(mpmath.atanh(mpmath.mpf(float(rim[0]))))
    assert float(PoincareBall(1.0).dist(rim, 0 * rim)) == pytest.approx(exact, rel=1e-5)
