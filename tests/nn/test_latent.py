"""Where an encoder's output may land, and what posteriors and priors are made of it."""

import pytest
import torch

from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.geometry.manifolds.poincare import PoincareBall
from napari_hypseg.geometry.manifolds.sphere import Sphere
from napari_hypseg.nn.latent import Latent
from napari_hypseg.nn.posteriors import POSTERIORS

BALLS = [PoincareBall(c) for c in (1e-3, 0.1, 1.0, 10.0, 100.0)]
SPACES = [
    (Euclidean(), "wrapped-normal"),
    *((ball, "wrapped-normal") for ball in BALLS),
    *((ball, "riemannian-normal") for ball in BALLS),
    (Sphere(), "von-mises-fisher"),
    (Sphere(), "power-spherical"),
]
DIRECTIONS = torch.eye(3) * torch.tensor([[0.3], [5.0], [1000.0]])


def _latent(manifold, name, dim):
    return Latent(manifold, dim, POSTERIORS[name])


@pytest.mark.parametrize("manifold", [Euclidean(), *BALLS], ids=str)
def test_locations_stay_clear_of_the_rim(manifold):
    points = _latent(manifold, "wrapped-normal", 3).to_point(DIRECTIONS)
    rim = manifold.dist(torch.zeros(3), manifold.project(torch.eye(3)[:1] * 1e6))
    reached = manifold.dist(torch.zeros(3), points)
    assert reached.max() < 0.7 * rim
    assert reached[0] < reached[1] <= reached[2]


def test_locations_on_the_sphere_stay_clear_of_the_antipode():
    points = _latent(Sphere(), "power-spherical", 3).to_point(DIRECTIONS)
    assert points.shape == (3, 4)
    reached = Sphere().dist(torch.eye(4)[0], points)
    assert reached[0] < reached[1] <= reached[2] < 3.01


@pytest.mark.parametrize(("manifold", "name"), SPACES, ids=lambda part: str(part))
@pytest.mark.parametrize("dim", [2, 8, 64])
def test_a_posterior_as_wide_as_the_prior_is_the_prior(manifold, name, dim):
    latent = _latent(manifold, name, dim)
    raw = torch.full((2000, latent.n_outputs - dim), 100.0)
    z, kl = latent.sample(latent.posterior(torch.zeros(2000, dim), raw), torch.Generator().manual_seed(0))
    assert z.shape == (2000, manifold.ambient_dim(dim))
    assert float(kl.mean()) == pytest.approx(0, abs=1e-3 + 4 * float(kl.std()) / 2000**0.5)


@pytest.mark.parametrize(("manifold", "name"), SPACES, ids=lambda part: str(part))
@pytest.mark.parametrize("dim", [2, 8, 64])
def test_what_is_drawn_from_the_prior_is_what_float32_holds(manifold, name, dim):
    latent = _latent(manifold, name, dim)
    origin = manifold.expmap0(torch.zeros(manifold.ambient_dim(dim)))
    prior = latent.family.prior(manifold, origin)
    z = prior.rsample(torch.Generator().manual_seed(0), 2000)
    again = manifold.expmap(origin, manifold.logmap(origin, z))
    assert float(manifold.dist(z, again).quantile(0.99)) < 1e-3
    on_the_rim = manifold.dist(origin, z) > 0.999 * manifold.dist(origin, manifold.project(1e6 * (z - origin)))
    assert isinstance(manifold, Sphere) or float(on_the_rim.float().mean()) < 0.03


@pytest.mark.parametrize(("manifold", "name"), SPACES, ids=lambda part: str(part))
@pytest.mark.parametrize("dim", [2, 8, 64])
def test_narrow_and_far_costs_more_than_wide_and_near_whatever_the_numbers(manifold, name, dim):
    latent = _latent(manifold, name, dim)
    tangent = torch.tensor([0.0, 1.0, -1e4]).reshape(3, 1, 1) * torch.ones(1, 50, dim)
    raw = torch.tensor([-1e4, -2.0, 0.0, 1e4]).reshape(4, 1, 1, 1) * torch.ones(1, 3, 50, latent.n_outputs - dim)
    tangent, raw = tangent.expand(4, 3, 50, dim).clone().requires_grad_(), raw.requires_grad_()
    z, kl = latent.sample(latent.posterior(tangent, raw), torch.Generator().manual_seed(0))
    cost = kl.mean(dim=-1)
    assert torch.isfinite(cost).all()
    assert (cost[0] > cost[1]).all()
    assert (cost[1] > cost[3])[:2].all()
    (kl.mean() + z.square().mean()).backward()
    assert torch.isfinite(tangent.grad).all()
    assert torch.isfinite(raw.grad).all()
