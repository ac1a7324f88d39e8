"""Laws that every manifold keeps, whatever its coordinates, over curvature, dimension and dtype."""

import pytest
import torch

from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.geometry.manifolds.manifold import hyperplane_values
from napari_hypseg.geometry.manifolds.poincare import PoincareBall
from napari_hypseg.geometry.manifolds.sphere import Sphere

MANIFOLDS = [Euclidean(), *(PoincareBall(c) for c in (1e-3, 1.0, 100.0)), Sphere()]
TOLERANCE = {torch.float32: 5e-4, torch.float64: 1e-8}


class Space:
    """Points of one manifold, within a third of the radius that is safe there."""

    def __init__(self, manifold, dim, dtype):
        self.manifold, self.dim, self.dtype = manifold, dim, dtype
        self.generator = torch.Generator().manual_seed(dim)
        self.unit = min(1.0, manifold.safe_radius / 3)
        self.origin = manifold.expmap0(torch.zeros(manifold.ambient_dim(dim), dtype=dtype))

    def frame(self, *shape, length=1.0):
        raw = torch.randn(*shape, self.dim, generator=self.generator, dtype=self.dtype)
        return length * self.unit * raw / self.dim**0.5

    def point(self, *shape, length=1.0):
        return self.manifold.expmap(
            self.origin, self.manifold.from_frame(self.origin, self.frame(*shape, length=length))
        )

    def near(self, a, b, slack=1.0):
        tolerance = slack * TOLERANCE[self.dtype]
        torch.testing.assert_close(a / self.unit, b / self.unit, rtol=tolerance, atol=tolerance)


@pytest.fixture(params=MANIFOLDS, ids=str)
def manifold(request):
    return request.param


@pytest.fixture(params=[2, 8, 64])
def space(request, manifold, dtype):
    return Space(manifold, request.param, dtype)


def test_points_have_the_coordinates_that_are_promised(space):
    x = space.point(5)
    assert x.shape == (5, space.manifold.ambient_dim(space.dim))
    space.near(space.manifold.project(x), x)


def test_the_terms_of_a_logarithm_make_it_up(space):
    m, x, y = space.manifold, space.point(40), space.point(40)
    step, along, back, dist = m.logmap_terms(x, y)
    space.near(along[:, None] * step - back[:, None] * x, m.logmap(x, y))
    space.near(dist, m.dist(x, y))
    nowhere = m.logmap_terms(x, x)
    assert torch.isfinite(nowhere.along).all()
    assert float(nowhere.dist.max()) < 1e-2


def test_logarithm_undoes_exponential(space):
    m, x, y = space.manifold, space.point(40), space.point(40)
    space.near(m.expmap(x, m.logmap(x, y)), y)
    u = space.frame(40)
    space.near(m.to_frame(x, m.logmap(x, m.expmap(x, m.from_frame(x, u)))), u)
    v = m.from_frame(space.origin, u)
    space.near(m.logmap0(m.expmap0(v)), v)
    space.near(m.expmap0(v), m.expmap(space.origin.expand_as(v), v))


def test_frames_are_orthonormal_and_transported_from_the_origin(space):
    m, x, u = space.manifold, space.point(40), space.frame(40, length=0.01)
    space.near(m.to_frame(x, m.from_frame(x, u)), u)
    space.near(m.dist(x, m.expmap(x, m.from_frame(x, u))), u.norm(dim=-1))
    space.near(m.from_frame(x, u), m.transp0(x, m.from_frame(space.origin, u)))


def test_transport_along_the_geodesic_keeps_its_direction(space):
    m, u = space.manifold, space.frame(40)
    v = m.from_frame(space.origin, u)
    x = m.expmap0(v)
    # The geodesic that leaves x along its transported velocity is the one that came from the origin.
    space.near(m.expmap(x, m.transp0(x, v / 2)), m.expmap0(1.5 * v))


def test_distance_is_the_length_of_the_logarithm_and_a_metric(space):
    m, x, y, z = space.manifold, *(space.point(40) for _ in range(3))
    space.near(m.to_frame(x, m.logmap(x, y)).norm(dim=-1), m.dist(x, y))
    space.near(m.dist(x, y), m.dist(y, x), slack=1e-2)
    assert (m.dist(x, z) <= m.dist(x, y) + m.dist(y, z) + TOLERANCE[space.dtype]).all()
    assert (m.dist(x, x) < 1e-15).all()


def test_all_pairs_at_once_are_the_pairs(space):
    m, x, y = space.manifold, space.point(20), space.point(30)
    space.near(m.pairwise_dist(x, y), m.dist(x[:, None], y[None]))
    ranked = (m.queries(x) @ m.keys(y).T).argmin(dim=1)
    space.near(m.dist(x, y[ranked]), m.pairwise_dist(x, y).amin(dim=1))


@pytest.mark.parametrize("operation", ["dist", "pairwise_dist", "logmap"])
@pytest.mark.parametrize("other", ["same", "origin", "opposite"])
def test_gradients_are_finite_where_directions_end(space, operation, other):
    m, x = space.manifold, space.point(4)
    y = {"same": x, "origin": space.origin.expand_as(x), "opposite": m.project(-x)}[other]
    x, y = y.clone().requires_grad_(), x.clone().requires_grad_()
    getattr(m, operation)(x, y).sum().backward()
    assert torch.isfinite(x.grad).all()
    assert torch.isfinite(y.grad).all()
    if operation == "dist" and other == "same":
        assert (x.grad.abs() < 1e-12).all()


def test_a_mean_is_where_the_logarithms_cancel(space):
    m, x = space.manifold, space.point(60, length=0.7)
    weights = torch.rand(60, generator=space.generator, dtype=space.dtype)
    mean = m.frechet_mean(x, weights)
    pull = (weights.unsqueeze(-1) * m.to_frame(mean, m.logmap(mean, x))).sum(dim=0) / weights.sum()
    space.near(pull, torch.zeros_like(pull))
    groups = m.frechet_means(x, torch.zeros(60, dtype=torch.int64), 2)
    space.near(groups[0], m.frechet_mean(x))
    space.near(groups[1], space.origin)


def test_a_hyperplane_is_as_far_as_the_nearest_of_its_points(manifold):
    space = Space(manifold, 2, torch.float64)
    z, a, r = space.point(6), space.frame(1), 0.4 * space.unit * torch.ones(1, dtype=torch.float64)
    flat = manifold.name == "poincare"  # its offsets and directions are in coordinates half as long as the frame's
    unit = a / a.norm()
    p = manifold.expmap0(manifold.from_frame(space.origin, (2 if flat else 1) * r * unit))
    along = torch.linspace(-4, 4, 16_001, dtype=torch.float64).unsqueeze(-1) * min(1.0, manifold.safe_radius / 4)
    across = along * torch.stack([-unit[0, 1], unit[0, 0]])
    plane = manifold.expmap(p, manifold.from_frame(p.expand(len(along), -1), across))
    shortest = manifold.pairwise_dist(z, plane).amin(dim=1)
    found = hyperplane_values(manifold, z, a, r)[:, 0].abs() / ((2 if flat else 1) * a.norm())
    torch.testing.assert_close(found, shortest, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dim", [2, 5])
def test_stretch_is_the_determinant_of_the_exponential_map(manifold, dim):
    space = Space(manifold, dim, torch.float64)
    x, u = space.point(), space.frame()

    def moved(step):
        z = manifold.expmap(x, manifold.from_frame(x, u))
        there = manifold.expmap(x, manifold.from_frame(x, u + step))
        return manifold.to_frame(z, manifold.logmap(z, there))

    jacobian = torch.autograd.functional.jacobian(moved, torch.zeros(dim, dtype=torch.float64))
    found = torch.linalg.slogdet(jacobian).logabsdet
    torch.testing.assert_close(found, manifold.logdetexp(u), rtol=1e-6, atol=1e-7)


def test_flat_coordinates_say_how_far_points_are(space):
    m, x = space.manifold, space.point(40, length=0.1)
    y = m.expmap(x, m.from_frame(x, space.frame(40, length=0.01)))
    ratio = (m.to_euclidean(x) - m.to_euclidean(y)).norm(dim=-1) / m.dist(x, y)
    assert (ratio > 0.9).all()
    assert (ratio < 1.1).all()


def test_curving_bounds_the_hessian_of_half_the_squared_distance(manifold):
    space = Space(manifold, 3, torch.float64)
    x, u = space.point(), space.frame()
    y = manifold.expmap(x, manifold.from_frame(x, u))

    def half_square(step):
        return manifold.dist(manifold.expmap(x, manifold.from_frame(x, step)), y).square() / 2

    hessian = torch.autograd.functional.hessian(half_square, 1e-3 * space.unit * torch.ones(3, dtype=torch.float64))
    assert float(torch.linalg.eigvalsh(hessian).max()) <= float(manifold.hessian_bound(u)) * 1.01
