"""Divergences against Monte Carlo, and what a posterior of poses is made of."""

import math

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.nn.latent import Latent
from napari_hypseg.nn.posteriors import POSTERIORS
from napari_hypseg.nn.spatial.pose_kl import mean_free_kl, normal_kl
from napari_hypseg.nn.spatial.pose_posterior import PosePrior
from napari_hypseg.nn.spatial.pose_space import POSE_SPACES
from napari_hypseg.nn.spatial.rotations import plane_rotation, rotation_angle

LOC, SCALE, PRIOR = torch.tensor([[0.4, -1.1], [0.0, 2.0]]), torch.tensor([[0.2, 0.5], [1.0, 0.05]]), 1.3
N = 200_000


def _monte_carlo(loc, scale, prior):
    torch.manual_seed(0)
    posterior, wide = Normal(loc, scale), Normal(0.0, prior)
    z = posterior.sample((N,))
    ratio = (posterior.log_prob(z) - wide.log_prob(z)).sum(-1)
    return ratio.mean(0), 5 * ratio.std(0) / math.sqrt(N)


def test_the_divergence_of_a_normal_is_what_draws_say():
    expected, error = _monte_carlo(LOC, SCALE, PRIOR)
    assert ((normal_kl(LOC, SCALE, PRIOR) - expected).abs() < error).all()


def test_the_mean_free_divergence_is_that_of_a_mean_of_zero():
    expected, error = _monte_carlo(torch.zeros(2, 2), SCALE, PRIOR)
    assert ((mean_free_kl(SCALE, PRIOR) - expected).abs() < error).all()
    sigma = SCALE[:, :1]
    equation_3 = -sigma.log() + math.log(PRIOR) + sigma**2 / (2 * PRIOR**2) - 0.5
    torch.testing.assert_close(mean_free_kl(sigma, PRIOR), equation_3[:, 0])
    torch.testing.assert_close(mean_free_kl(torch.full((1, 2), PRIOR), PRIOR), torch.zeros(1))


def test_the_divergence_of_the_content_is_closed_on_flat_space():
    latent = Latent(Euclidean(), 2, POSTERIORS["normal"])
    posterior = latent.posterior(torch.tensor([[0.3, -0.9]]), torch.tensor([[-1.0, 0.5]]))
    _, kl = latent.sample(posterior, torch.Generator().manual_seed(0))
    torch.testing.assert_close(kl, kl_divergence(Normal(posterior.loc, posterior.scale), Normal(0.0, 1.0)).sum(-1))


def _prior(space="plane", n_starts=1, angle=math.pi, mean_free=True, shift=0.1):
    return PosePrior(POSE_SPACES[space], n_starts, angle, mean_free, shift)


@pytest.mark.parametrize("space", POSE_SPACES)
def test_outputs_become_a_pose_about_the_start(space):
    prior = _prior(space, n_starts=8)
    raw = torch.randn(30, prior.n_outputs, generator=torch.Generator().manual_seed(0)) * 3
    start = POSE_SPACES[space].random(30, torch.Generator().manual_seed(1))
    mode = prior.posterior(raw, start).mode()
    turned = rotation_angle(_in_space(start.mT @ mode.rotation))
    assert float(turned.max()) < math.sqrt(prior.space.n_angles) * 1.26 * prior.space.spread(8)
    torch.testing.assert_close(prior.posterior(0 * raw, start).mode().rotation, start)


def _in_space(rotation):
    if rotation.shape[-1] == 3:
        return rotation
    whole = torch.eye(3).repeat(len(rotation), 1, 1)
    whole[:, 1:, 1:] = rotation
    return whole


def test_a_single_start_lets_the_angle_go_anywhere():
    prior = _prior()
    raw = torch.tensor([[2.5, 0.0, 0.0, 0.0, 0.0, 0.0]])
    torch.testing.assert_close(prior.posterior(raw, torch.eye(2)).mode().rotation[0], plane_rotation(torch.tensor(2.5)))


def test_what_is_fixed_neither_moves_nor_costs():
    raw = torch.randn(4, 6, generator=torch.Generator().manual_seed(0))
    fixed = _prior(angle=0.0, shift=0.0).posterior(raw, torch.eye(2).expand(4, 2, 2))
    drawn = fixed.rsample(torch.Generator().manual_seed(0))
    torch.testing.assert_close(drawn.rotation, torch.eye(2).expand(4, 2, 2))
    assert not drawn.shift.any()
    assert not fixed.kl().any()


def test_a_prior_with_a_mean_pulls_at_the_whole_angle():
    raw = torch.zeros(2, 6)
    start = plane_rotation(torch.tensor([0.0, 1.0]))
    free, pulled = (_prior(mean_free=m, shift=0.0, n_starts=4, angle=0.5).posterior(raw, start).kl() for m in (1, 0))
    torch.testing.assert_close(pulled - free, torch.tensor([0.0, 0.5 * (1 / 0.5) ** 2]))
