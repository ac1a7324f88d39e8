"""Riemannian normal, von Mises-Fisher and Power Spherical: normalisers, moments, densities and gradients.

References are arithmetic of many digits, numerical integration and finite differences, all in float64.
"""

import math

import pytest
import torch

from napari_hypseg.geometry.distributions.isotropic import IsotropicDistribution, float64_generator, log_sphere_area
from napari_hypseg.geometry.distributions.power_spherical import PowerSphericalRadius, power_spherical
from napari_hypseg.geometry.distributions.radial_density import rejection_sample
from napari_hypseg.geometry.distributions.riemannian_normal import RiemannianNormalRadius, riemannian_normal
from napari_hypseg.geometry.distributions.uniform import UniformSphere
from napari_hypseg.geometry.distributions.von_mises_fisher import VonMisesFisherRadius, von_mises_fisher
from napari_hypseg.geometry.manifolds.poincare import PoincareBall
from napari_hypseg.geometry.manifolds.sphere import Sphere

DIMS = [2, 3, 8, 31, 64]
LAWS = [
    *((VonMisesFisherRadius(d), k) for d in (2, 8, 64) for k in (0.0, 0.5, 10.0, 1e3, 1e6)),
    *((PowerSphericalRadius(d), k) for d in (2, 8, 64) for k in (0.0, 0.5, 10.0, 1e3, 1e6)),
    *(
        (RiemannianNormalRadius(d, c), c / s**2)
        for d in (2, 8, 64)
        for c in (1e-3, 1.0, 100.0)
        for s in (0.01, 0.3, 2.0)
    ),
]


def _tensor(value, n=1):
    return torch.full((n,), float(value), dtype=torch.float64)


def _log_area_of(law, radius):
    """Log a(r) by itself: of the ball or of the sphere."""
    return law.log_area(radius) if hasattr(law, "log_area") else (law.dim - 1) * radius.sin().log()


def _integral(law, eta, power=0):
    """∫ Tᵖ exp(η T) a dr in units of its highest value, by the midpoint rule over where it is not 0; and that log."""
    far = (
        math.pi
        if not isinstance(law, RiemannianNormalRadius)
        else float(law.mode(_tensor(eta))[0]) + 40 / math.sqrt(eta)
    )
    grid = (torch.arange(400_000, dtype=torch.float64) + 0.5) * far / 400_000
    for _ in range(2):  # once to find it, once to resolve it
        logs = eta * law.statistic(grid) + _log_area_of(law, grid)
        seen = grid[logs > logs.max() - 60]
        step = grid[1] - grid[0]
        low, high = float((seen.min() - step).clamp_min(0)), float((seen.max() + step).clamp_max(far))
        grid = low + (torch.arange(400_000, dtype=torch.float64) + 0.5) * (high - low) / 400_000
    logs = eta * law.statistic(grid) + _log_area_of(law, grid)
    total = ((logs - logs.max()).exp() * law.statistic(grid) ** power).sum() * (grid[1] - grid[0])
    return float(total), float(logs.max())


@pytest.mark.parametrize(("law", "eta"), LAWS, ids=str)
def test_normaliser_mean_and_its_slope_are_the_integrals(law, eta):
    concentration = _tensor(eta).requires_grad_()
    log_total, mean = law.partition(concentration)
    (first, highest), (second, _), (third, _) = (_integral(law, eta, power) for power in (0, 1, 2))
    assert float(log_total.detach()) == pytest.approx(math.log(first) + highest, rel=1e-8, abs=1e-8)
    assert float(mean.detach()) == pytest.approx(second / first, rel=1e-7, abs=1e-9)
    (slope,) = torch.autograd.grad(log_total.sum(), concentration, retain_graph=True)
    assert float(slope) == pytest.approx(second / first, rel=1e-7, abs=1e-9)
    (spread,) = torch.autograd.grad(mean.sum(), concentration)
    variance = third / first - (second / first) ** 2
    assert float(spread) == pytest.approx(variance, rel=1e-3, abs=1e-10 * max(1, third / first))


@pytest.mark.parametrize("dim", DIMS)
@pytest.mark.parametrize("kappa", [1e-6, 0.5, 2.0, 10.0, 300.0, 1e4, 1e6])
def test_von_mises_fisher_is_the_ratio_of_bessel_functions(dim, kappa):
    mpmath = pytest.importorskip("mpmath")
    log_total, mean = VonMisesFisherRadius(dim).partition(_tensor(kappa))
    with mpmath.workdps(40):
        order, k = mpmath.mpf(dim - 1) / 2, mpmath.mpf(kappa)
        bessel = mpmath.besseli(order, k)
        exact = mpmath.log(2**order * mpmath.sqrt(mpmath.pi) * mpmath.gamma(order + 0.5) * bessel / k**order)
        ratio = mpmath.besseli(order + 1, k) / bessel
    assert float(log_total) == pytest.approx(float(exact), rel=1e-12, abs=1e-12)
    assert float(mean) == pytest.approx(float(ratio), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("dim", [2, 3, 8, 64])
@pytest.mark.parametrize("curvature", [1e-3, 1.0, 100.0])
@pytest.mark.parametrize("spread", [1e-3, 0.1, 0.3, 1.0, 7.0])
def test_riemannian_normaliser_is_the_alternating_sum(dim, curvature, spread):
    mpmath = pytest.importorskip("mpmath")
    scale = spread / math.sqrt(curvature)
    with mpmath.workdps(400):
        sigma, n = mpmath.mpf(spread), dim - 1
        terms = (
            (-1) ** k
            * mpmath.binomial(n, k)
            * mpmath.exp(((n - 2 * k) * sigma) ** 2 / 2)
            * (1 + mpmath.erf((n - 2 * k) * sigma / mpmath.sqrt(2)))
            for k in range(n + 1)
        )
        total = mpmath.mpf(scale) * mpmath.sqrt(mpmath.pi / 2) * mpmath.fsum(terms) / (2 * mpmath.sqrt(curvature)) ** n
        exact = float(mpmath.log(total))
    found = RiemannianNormalRadius(dim, curvature).partition(_tensor(1 / scale**2))[0]
    assert float(found) == pytest.approx(exact, rel=1e-9)


def test_the_gradient_through_rejection_is_the_known_one():
    # In 5 coordinates at κ = 2 the mean cosine rises by 0.14739; the accepted proposals alone would say 0.1277.
    kappa = _tensor(2, 100_000).requires_grad_()
    VonMisesFisherRadius(4).rsample(kappa, torch.Generator().manual_seed(0)).cos().mean().backward()
    assert float(kappa.grad.sum()) == pytest.approx(0.14739, abs=6e-4)


@pytest.mark.parametrize(("law", "eta"), LAWS, ids=str)
def test_drawn_radii_have_the_moments_and_the_moments_gradient(law, eta):
    n = 20_000
    concentration = _tensor(eta, n).requires_grad_()
    statistic = law.statistic(law.rsample(concentration, torch.Generator().manual_seed(1)))
    _, mean = law.partition(concentration[:1].detach().requires_grad_())
    error = 5 * float(statistic.detach().std()) / math.sqrt(n)
    assert float(statistic.detach().mean()) == pytest.approx(float(mean.detach()), abs=error)
    (pathwise,) = torch.autograd.grad(statistic.sum(), concentration)
    concentration = _tensor(eta).requires_grad_()
    (exact,) = torch.autograd.grad(law.partition(concentration)[1].sum(), concentration)
    error = 5 * float(pathwise.std()) / math.sqrt(n) + 2e-3 * float(exact)
    assert float(pathwise.mean()) == pytest.approx(float(exact), abs=error)


@pytest.mark.parametrize(
    ("law", "eta"), [(VonMisesFisherRadius(3), 5.0), (RiemannianNormalRadius(4, 1.0), 2.0)], ids=str
)
def test_the_gradient_of_a_radius_is_that_of_its_quantile(law, eta):
    """One radius at a time: the distribution function, integrated numerically, does not change along the gradient."""
    concentration = _tensor(eta, 200).requires_grad_()
    radius = law.rsample(concentration, torch.Generator().manual_seed(2))
    (slope,) = torch.autograd.grad(radius.sum(), concentration)
    step = 1e-4
    grid = (torch.arange(200_000, dtype=torch.float64) + 0.5) * math.pi / 200_000 * (1 if law.dim == 3 else 3)

    def function(at, value):
        density = (value * law.statistic(grid) + _log_area_of(law, grid)).softmax(0)
        edges = grid + (grid[1] - grid[0]) / 2
        # Linear between the cells, so that moving by less than one of them counts.
        place = torch.searchsorted(edges, at)
        before = density.cumsum(0)[(place - 1).clamp_min(0)]
        return before + density[place] * (at - edges[place - 1]) / (grid[1] - grid[0])

    radius = radius.detach()
    change = function(radius + step * slope, eta + step) - function(radius - step * slope, eta - step)
    assert float(change.abs().max()) < 2e-7


def _sphere_grid(n=400):
    """Points of the 2-sphere with their areas."""
    polar = (torch.arange(n, dtype=torch.float64) + 0.5) * math.pi / n
    around = torch.arange(2 * n, dtype=torch.float64) * math.pi / n
    sine = polar.sin()[:, None]
    z = torch.stack([polar.cos()[:, None].expand(-1, 2 * n), sine * around.cos(), sine * around.sin()], dim=-1)
    return z, polar.sin()[:, None] * (math.pi / n) ** 2


@pytest.mark.parametrize("make", [von_mises_fisher, power_spherical])
@pytest.mark.parametrize("kappa", [0.0, 1.0, 30.0])
def test_densities_on_the_sphere_integrate_to_one(make, kappa):
    z, area = _sphere_grid()
    loc = Sphere().project(torch.tensor([0.3, -1.0, 0.5], dtype=torch.float64))
    distribution = make(loc, torch.tensor(kappa, dtype=torch.float64))
    assert float((distribution.log_prob(z).exp() * area).sum()) == pytest.approx(1, abs=1e-4)
    assert float((UniformSphere(loc).log_prob(z).exp() * area).sum()) == pytest.approx(1, abs=1e-4)


def test_density_on_the_ball_integrates_to_one(ball):
    root = math.sqrt(ball.curvature)
    loc = ball.expmap0(torch.tensor([0.4, -0.2], dtype=torch.float64) / root)
    distribution = riemannian_normal(ball, loc, torch.tensor(0.6, dtype=torch.float64) / root)
    radius = (torch.arange(1500, dtype=torch.float64) + 0.5) * 9 / root / 1500
    angle = torch.arange(720, dtype=torch.float64) * 2 * math.pi / 720
    z = ball.expmap0(radius[:, None, None] / 2 * torch.stack([angle.cos(), angle.sin()], dim=-1))
    area = (root * radius).sinh() / root * (9 / root / 1500) * (2 * math.pi / 720)
    assert float((distribution.log_prob(z).exp() * area[:, None]).sum()) == pytest.approx(1, abs=1e-4)


DISTRIBUTIONS = {
    "von-mises-fisher": lambda: von_mises_fisher(_loc(), torch.tensor([3.0, 40.0], dtype=torch.float64)),
    "power-spherical": lambda: power_spherical(_loc(), torch.tensor([3.0, 40.0], dtype=torch.float64)),
    "riemannian-normal": lambda: riemannian_normal(
        PoincareBall(1.5),
        PoincareBall(1.5).expmap0(torch.tensor([[0.3, -0.2, 0.1], [0.0, 0.5, 0.2]], dtype=torch.float64)),
        torch.tensor([0.3, 0.7], dtype=torch.float64),
    ),
}


def _loc():
    return Sphere().project(torch.tensor([[0.3, -1.0, 0.5, 0.2], [-1.0, 0.1, 0.2, 0.0]], dtype=torch.float64))


@pytest.mark.parametrize("make", DISTRIBUTIONS.values(), ids=list(DISTRIBUTIONS))
def test_draws_lie_evenly_about_their_location_and_know_their_density(make):
    distribution: IsotropicDistribution = make()
    z, log_prob = distribution.rsample_with_log_prob(torch.Generator().manual_seed(0), 20_000)
    torch.testing.assert_close(log_prob, distribution.log_prob(z), rtol=1e-6, atol=1e-6)
    m, loc = distribution.manifold, distribution.loc
    u = m.to_frame(loc, m.logmap(loc, z))
    assert (u.mean(0).abs() < 5 * u.std(0) / math.sqrt(20_000)).all()
    spread = u.std(0)
    torch.testing.assert_close(spread, spread.mean(-1, keepdim=True).expand_as(spread), rtol=0.04, atol=0)
    error = 5 * log_prob.std(0) / math.sqrt(20_000)
    assert ((log_prob.mean(0) - distribution.negentropy()).abs() < error).all()
    assert torch.equal(z, distribution.rsample(torch.Generator().manual_seed(0), 20_000))


@pytest.mark.parametrize("name", ["von-mises-fisher", "power-spherical"])
def test_divergence_from_uniform_is_the_monte_carlo_one_and_zero_at_zero(name):
    distribution = DISTRIBUTIONS[name]()
    uniform = UniformSphere(distribution.loc)
    z, log_prob = distribution.rsample_with_log_prob(torch.Generator().manual_seed(3), 20_000)
    exact = distribution.negentropy() - uniform.log_prob(distribution.loc)
    ratio = log_prob - uniform.log_prob(z)
    assert ((ratio.mean(0) - exact).abs() < 5 * ratio.std(0) / math.sqrt(20_000)).all()
    flat = type(distribution)(Sphere(), distribution.loc, distribution.law, torch.zeros(2, dtype=torch.float64))
    torch.testing.assert_close(flat.negentropy(), uniform.log_prob(distribution.loc))


def test_divergence_from_uniform_is_the_published_closed_form():
    """κA + (m/2 − 1) log κ − (m/2) log 2π − log I_{m/2−1}(κ) + log area, in m coordinates."""
    mpmath = pytest.importorskip("mpmath")
    for m, kappa in ((3, 0.7), (5, 2.0), (9, 60.0), (65, 200.0)):
        loc = torch.eye(1, m, dtype=torch.float64)[0]
        found = von_mises_fisher(loc, torch.tensor(kappa, dtype=torch.float64)).negentropy() + log_sphere_area(m - 1)
        half = mpmath.mpf(m) / 2
        bessel = mpmath.besseli(half - 1, kappa)
        exact = (
            kappa * mpmath.besseli(half, kappa) / bessel
            + (half - 1) * mpmath.log(kappa)
            - half * mpmath.log(2 * mpmath.pi)
            - mpmath.log(bessel)
            + log_sphere_area(m - 1)
        )
        assert float(found) == pytest.approx(float(exact), rel=1e-9)


def test_the_gradient_of_the_location_is_that_of_the_mean():
    """The mean of a von Mises-Fisher draw is A(κ) loc; its gradient with respect to where loc points must be too."""
    v = torch.tensor([0.0, 0.4, -0.3, 0.6], dtype=torch.float64, requires_grad=True)
    loc = Sphere().expmap0(v)
    distribution = von_mises_fisher(loc.expand(40_000, -1), torch.tensor(6.0, dtype=torch.float64))
    direction = torch.tensor([0.2, 1.0, -0.5, 0.3], dtype=torch.float64)
    value = distribution.rsample(torch.Generator().manual_seed(0)).mean(0) @ direction
    (found,) = torch.autograd.grad(value, v, retain_graph=True)
    mean = VonMisesFisherRadius(3).partition(_tensor(6))[1]
    (exact,) = torch.autograd.grad(mean * (loc @ direction), v)
    torch.testing.assert_close(found, exact, rtol=0, atol=0.02)


def test_the_gradient_of_location_and_scale_on_the_ball_is_that_of_the_expected_value():
    """Pathwise gradient of E f(z) against finite differences of the integral of f times the density."""
    ball = PoincareBall(1.0)
    radius = (torch.arange(600, dtype=torch.float64) + 0.5) * 7 / 600
    angle = torch.arange(240, dtype=torch.float64) * 2 * math.pi / 240
    grid = ball.expmap0(radius[:, None, None] / 2 * torch.stack([angle.cos(), angle.sin()], dim=-1))
    area = (radius.sinh() * (7 / 600) * (2 * math.pi / 240))[:, None]

    def of(z):
        return z[..., 0] + z[..., 0] * z[..., 1]

    def expected(v, scale):
        return (of(grid) * riemannian_normal(ball, ball.expmap0(v), scale).log_prob(grid).exp() * area).sum()

    v = torch.tensor([0.3, -0.2], dtype=torch.float64, requires_grad=True)
    scale = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    many = riemannian_normal(ball, ball.expmap0(v).expand(40_000, 2), scale.expand(40_000))
    found = torch.autograd.grad(of(many.rsample(torch.Generator().manual_seed(0))).mean(), (v, scale))
    step = torch.eye(2, dtype=torch.float64) * 1e-4
    with torch.no_grad():
        by_place = torch.stack([(expected(v + s, scale) - expected(v - s, scale)) / 2e-4 for s in step])
        by_scale = (expected(v, scale + 1e-4) - expected(v, scale - 1e-4)) / 2e-4
    torch.testing.assert_close(found[0], by_place, rtol=0, atol=0.02)
    torch.testing.assert_close(found[1], by_scale, rtol=0, atol=0.02)


def test_single_precision_keeps_what_float64_found():
    loc = torch.eye(1, 65)[0]
    for kappa in (1e-3, 1.0, 100.0, 1e6):
        single = von_mises_fisher(loc, torch.tensor(kappa))
        double = von_mises_fisher(loc.double(), torch.tensor(kappa, dtype=torch.float64))
        assert float(single.negentropy()) == pytest.approx(float(double.negentropy()), rel=1e-5)
        z = single.rsample(torch.Generator().manual_seed(0), 100)
        assert z.dtype == torch.float32
        torch.testing.assert_close(z.norm(dim=-1), torch.ones(100))


def test_numbers_that_are_none_end_the_rejection():
    def never(parameters):
        return parameters, torch.zeros(len(parameters), dtype=torch.bool)

    assert torch.isnan(rejection_sample(never, torch.ones(3))).all()
    assert torch.isnan(VonMisesFisherRadius(3).rsample(_tensor(math.nan), None)).all()
    generator = torch.Generator()
    assert float64_generator(generator) is generator
    assert float64_generator(None) is None


def test_uniform_draws_have_no_direction():
    z = UniformSphere(torch.zeros(7)).rsample(torch.Generator().manual_seed(0), 20_000)
    torch.testing.assert_close(z.norm(dim=-1), torch.ones(20_000))
    assert float(z.mean(0).norm()) < 0.02
    torch.testing.assert_close(z.T @ z / 20_000, torch.eye(7) / 7, rtol=0, atol=0.01)
