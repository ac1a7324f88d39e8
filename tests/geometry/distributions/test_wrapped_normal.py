"""The wrapped normal: its density integrates to 1, its samples have that density, flat space gives the normal."""

import math

import pytest
import torch
from torch.distributions import Independent, Normal

from napari_hypseg.geometry.distributions.wrapped_normal import WrappedNormal
from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.geometry.manifolds.poincare import PoincareBall


def _kl(posterior, prior, z):
    """Monte Carlo estimate of KL(posterior ‖ prior) from draws `z` (n, …, d)."""
    return (posterior.log_prob(z) - prior.log_prob(z)).mean(0)


def _anisotropic(ball: PoincareBall) -> WrappedNormal:
    loc = ball.expmap0(torch.tensor([0.4, -0.2], dtype=torch.float64) / math.sqrt(ball.curvature))
    return WrappedNormal(ball, loc, torch.tensor([0.5, 1.1], dtype=torch.float64) / math.sqrt(ball.curvature))


def test_density_integrates_to_one(ball):
    wrapped = _anisotropic(ball)
    # Midpoint rule in geodesic polar coordinates about the origin, whose area element is sinh(√c r)/√c dr dθ.
    root = math.sqrt(ball.curvature)
    n_radii, n_angles, far = 1500, 720, 11.0 / root
    radius = (torch.arange(n_radii, dtype=torch.float64) + 0.5) * far / n_radii
    angle = torch.arange(n_angles, dtype=torch.float64) * 2 * math.pi / n_angles
    direction = torch.stack([angle.cos(), angle.sin()], dim=-1)
    z = ball.expmap0(radius[:, None, None] / 2 * direction)
    area = (root * radius).sinh() / root * (far / n_radii) * (2 * math.pi / n_angles)
    assert float((wrapped.log_prob(z).exp() * area[:, None]).sum()) == pytest.approx(1, abs=1e-4)


def test_samples_have_the_moments_of_the_tangent_normal(ball):
    wrapped = _anisotropic(ball)
    z = wrapped.rsample(torch.Generator().manual_seed(0), 40_000)
    u = ball.to_frame(wrapped.loc, ball.logmap(wrapped.loc, z))
    torch.testing.assert_close(u.mean(dim=0) / wrapped.scale, torch.zeros(2).double(), atol=0.02, rtol=0)
    torch.testing.assert_close(u.std(dim=0), wrapped.scale, atol=0, rtol=0.02)
    torch.testing.assert_close(ball.frechet_mean(z), wrapped.loc, atol=0.02, rtol=0.02)


def test_sampler_and_density_agree_on_a_cell_of_the_ball(ball):
    wrapped = _anisotropic(ball)
    z = wrapped.rsample(torch.Generator().manual_seed(1), 200_000)
    root = math.sqrt(ball.curvature)
    edge = 0.06 / root
    corner = torch.tensor([0.5, 0.1], dtype=torch.float64) / root
    share = ((z >= corner) & (z < corner + edge)).all(dim=-1).double().mean()
    ticks = corner.unsqueeze(-1) + (torch.arange(20, dtype=torch.float64) + 0.5) * edge / 20
    cells = torch.cartesian_prod(ticks[0], ticks[1])
    area = (edge / 20) ** 2 * ball.conformal_factor(cells).squeeze(-1).square()
    expected = float((wrapped.log_prob(cells).exp() * area).sum())
    assert float(share) == pytest.approx(expected, abs=4 * math.sqrt(expected / 200_000))


def test_flat_space_gives_the_diagonal_normal():
    generator = torch.Generator().manual_seed(2)
    loc, z = torch.randn(6, 3, generator=generator), torch.randn(6, 3, generator=generator)
    scale = torch.rand(6, 3, generator=generator) + 0.1
    flat = WrappedNormal(Euclidean(), loc, scale)
    torch.testing.assert_close(flat.log_prob(z), Independent(Normal(loc, scale), 1).log_prob(z))


def test_a_scalar_scale_is_that_scale_in_every_direction(points):
    ball, loc, z = points.ball, points.point(10, 4), points.point(10, 4)
    half = torch.tensor(0.5, dtype=points.dtype)
    for scale in (half, half.expand(10, 1)):
        points.near(
            WrappedNormal(ball, loc, scale).log_prob(z), WrappedNormal(ball, loc, half.expand(10, 4)).log_prob(z)
        )


def test_vanishing_curvature_gives_the_normal():
    # The ball's frame is twice the coordinates there, so lengths are doubled.
    generator = torch.Generator().manual_seed(4)
    loc, z = (0.3 * torch.randn(5, 3, generator=generator).double() for _ in range(2))
    wrapped = WrappedNormal(PoincareBall(1e-8), loc, torch.tensor(0.7).double())
    expected = Independent(Normal(2 * loc, 0.7), 1).log_prob(2 * z)
    torch.testing.assert_close(wrapped.log_prob(z), expected, rtol=1e-5, atol=1e-5)


def test_monte_carlo_divergence_is_the_closed_form_where_there_is_one():
    posterior = WrappedNormal(Euclidean(), torch.tensor([1.0, -0.5]), torch.tensor([0.5, 2.0]))
    prior = WrappedNormal(Euclidean(), torch.zeros(2), torch.tensor(1.0))
    z = posterior.rsample(torch.Generator().manual_seed(0), 100_000)
    exact = torch.distributions.kl_divergence(
        Independent(Normal(posterior.loc, posterior.scale), 1), Independent(Normal(torch.zeros(2), torch.ones(2)), 1)
    )
    assert float(_kl(posterior, prior, z)) == pytest.approx(float(exact), abs=0.03)


def test_divergence_on_the_ball_is_zero_from_itself_and_positive_from_another(ball):
    posterior = _anisotropic(ball)
    z = posterior.rsample(torch.Generator().manual_seed(0), 4000)
    assert float(_kl(posterior, posterior, z)) == 0
    prior = WrappedNormal(ball, torch.zeros(2).double(), torch.tensor(1.0).double())
    assert float(_kl(posterior, prior, z)) > 0.05


def test_the_same_generator_gives_the_same_draw(points):
    wrapped = WrappedNormal(points.ball, points.point(3, 4, 5), torch.tensor(0.3, dtype=points.dtype))
    first, again = (wrapped.rsample(torch.Generator().manual_seed(7)) for _ in range(2))
    assert first.shape == (3, 4, 5)
    assert torch.equal(first, again)
    assert wrapped.rsample(torch.Generator(), 2).shape == (2, 3, 4, 5)


def test_gradients_are_finite_at_the_rim_and_at_the_mode(ball, dtype):
    tangent = torch.tensor([[0.0, 0.0], [0.3, 0.1], [50.0, -20.0]], dtype=dtype, requires_grad=True)
    raw = torch.tensor([[0.01, 1.0]], dtype=dtype, requires_grad=True)
    wrapped = WrappedNormal(ball, ball.expmap0(tangent), raw)
    z = wrapped.rsample(torch.Generator().manual_seed(0))
    prior = WrappedNormal(ball, torch.zeros_like(z), torch.ones((), dtype=dtype))
    (_kl(wrapped, prior, z[None]).sum() + wrapped.log_prob(wrapped.loc).sum()).backward()
    assert torch.isfinite(tangent.grad).all()
    assert torch.isfinite(raw.grad).all()


def test_a_draw_comes_with_the_density_it_has(ball):
    wrapped = _anisotropic(ball)
    z, log_prob = wrapped.rsample_with_log_prob(torch.Generator().manual_seed(3), 500)
    torch.testing.assert_close(log_prob, wrapped.log_prob(z), rtol=1e-6, atol=1e-6)
    assert torch.equal(z, wrapped.rsample(torch.Generator().manual_seed(3), 500))
