"""What only the sphere has: antipodes, and a distance that keeps its digits from 0 to π."""

import math

import pytest
import torch

from napari_hypseg.geometry.manifolds.circular_functions import asin, asin_with_slope, cosine, log_sinc, sinc
from napari_hypseg.geometry.manifolds.sphere import Sphere

SPHERE = Sphere()
EXACT = {
    cosine: lambda m, s: m.cos(s),
    sinc: lambda m, s: m.sin(s) / s,
    log_sinc: lambda m, s: m.log(m.sin(s) / s),
}


def _at(angle, dtype=torch.float64):
    """The origin and the point at `angle` from it, both as far as the dtype holds them."""
    return torch.eye(1, 3, dtype=dtype)[0], torch.tensor([math.cos(angle), math.sin(angle), 0], dtype=dtype)


@pytest.mark.parametrize("s", [0.0, 1e-9, 1e-3, 0.2499, 0.2501, 1.0, 3.0, 3.1415])
@pytest.mark.parametrize("function", EXACT, ids=lambda f: f.__name__)
def test_radial_functions_are_exact(function, s):
    mpmath = pytest.importorskip("mpmath")
    with mpmath.workdps(50):
        exact = float(EXACT[function](mpmath, mpmath.mpf(s) or mpmath.mpf("1e-30")))
    assert float(function(torch.tensor(s, dtype=torch.float64) ** 2)) == pytest.approx(exact, rel=1e-9, abs=1e-15)
    assert float(function(torch.tensor(s, dtype=torch.float32) ** 2)) == pytest.approx(exact, rel=2e-2, abs=2e-7)


def test_arc_sine_is_torchs_and_stays_finite_at_its_ends():
    u = torch.linspace(-0.99, 0.99, 50, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(asin, (u,))
    value, slope = asin_with_slope(u.detach())
    torch.testing.assert_close(value, u.detach().asin())
    torch.testing.assert_close(slope, (1 - u.detach().square()).rsqrt())
    end = torch.tensor([1.0, -1.0, 1.0001], requires_grad=True)
    asin(end).sum().backward()
    assert torch.isfinite(end.grad).all()


@pytest.mark.parametrize("angle", [1e-6, 1e-3, 1.0, 3.0, math.pi - 1e-3])
def test_distance_keeps_its_digits(dtype, angle):
    x, y = _at(angle, dtype)
    relative = {torch.float32: 3e-4 if angle > 1e-4 else 1e-2, torch.float64: 1e-9}[dtype]
    assert float(SPHERE.dist(x, y)) == pytest.approx(angle, rel=relative)
    assert float(SPHERE.logmap(x, y).norm()) == pytest.approx(angle, rel=relative)


def test_distance_to_the_antipode_is_half_way_round_with_no_gradient(dtype):
    x = torch.tensor([0.6, 0.0, 0.8], dtype=dtype, requires_grad=True)
    far = SPHERE.dist(x, -x.detach())
    far.backward()
    assert float(far.detach()) == pytest.approx(math.pi)
    assert float(x.grad.norm()) < 1e-6


@pytest.mark.parametrize("angle", [1e-5, 1e-2, 1.0, 3.0, math.pi - 1e-2])
def test_gradient_of_the_distance_has_length_one(dtype, angle):
    x, y = (point.requires_grad_() for point in _at(angle, dtype))
    SPHERE.dist(x, y).backward()
    tangent = x.grad - (x.grad * x.detach()).sum() * x.detach()
    assert float(tangent.norm()) == pytest.approx(1, rel=1e-3)


def test_zero_is_projected_to_the_origin_and_gradients_pass():
    x = torch.tensor([[0.0, 0.0, 0.0], [3.0, 0.0, 4.0]], requires_grad=True)
    y = SPHERE.project(x)
    y.sum().backward()
    torch.testing.assert_close(y.detach(), torch.tensor([[1.0, 0, 0], [0.6, 0, 0.8]]))
    assert torch.isfinite(x.grad).all()


def test_transport_keeps_lengths_up_to_the_antipode(dtype):
    generator = torch.Generator().manual_seed(0)
    v = torch.cat([torch.zeros(50, 1), torch.randn(50, 4, generator=generator)], dim=-1).to(dtype)
    for far in (0.5, 3.0, math.pi - 1e-3):
        x = SPHERE.expmap0(far * v.flip(0) / v.flip(0).norm(dim=-1, keepdim=True))
        moved = SPHERE.transp0(x, v)
        tolerance = {torch.float32: 1e-3, torch.float64: 1e-9}[dtype]
        torch.testing.assert_close(moved.norm(dim=-1), v.norm(dim=-1), rtol=tolerance, atol=tolerance)
        torch.testing.assert_close((moved * x).sum(-1), torch.zeros(50, dtype=dtype), rtol=0, atol=10 * tolerance)
