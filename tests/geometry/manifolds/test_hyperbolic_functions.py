"""Radial functions against arithmetic of 50 digits, from 0 to far out."""

import pytest
import torch

from napari_hypseg.geometry.manifolds.hyperbolic_functions import (
    asinh,
    asinh_with_slope,
    asinhc,
    cothc,
    log_sinhc,
    tanhc,
)

ARGUMENTS = [0.0, 1e-12, 1e-6, 1e-3, 0.1, 0.2499, 0.25, 0.2501, 0.7, 3.0, 12.0]
EXACT = {
    tanhc: lambda m, s: m.tanh(s) / s,
    asinhc: lambda m, s: m.asinh(s) / s,
    cothc: lambda m, s: s * m.coth(s),
    log_sinhc: lambda m, s: m.log(m.sinh(s) / s),
}


@pytest.mark.parametrize("s", ARGUMENTS)
@pytest.mark.parametrize("function", EXACT, ids=lambda f: f.__name__)
def test_values_are_exact(function, s):
    mpmath = pytest.importorskip("mpmath")
    with mpmath.workdps(50):
        exact = float(EXACT[function](mpmath, mpmath.mpf(s) or mpmath.mpf("1e-30")))
    assert float(function(torch.tensor(s, dtype=torch.float64) ** 2)) == pytest.approx(exact, rel=1e-9, abs=1e-15)
    assert float(function(torch.tensor(s, dtype=torch.float32) ** 2)) == pytest.approx(exact, rel=2e-5, abs=1e-7)


@pytest.mark.parametrize("function", EXACT, ids=lambda f: f.__name__)
def test_gradients_are_smooth_at_zero(function):
    square = torch.tensor([0.0, 1e-30, 1e-10, 1e-3, 0.0624, 0.0626, 4.0], requires_grad=True)
    function(square).sum().backward()
    assert torch.isfinite(square.grad).all()
    assert torch.autograd.gradcheck(function, (torch.tensor([0.01, 0.06, 0.07, 2.0]).double().requires_grad_(),))


def test_log_sinhc_does_not_overflow():
    assert float(log_sinhc(torch.tensor(1e6))) == pytest.approx(1000 - 7.6009, rel=1e-5)


def test_area_sine_is_torchs(dtype):
    u = torch.cat([torch.logspace(-9, 4, 60, dtype=dtype), torch.zeros(1, dtype=dtype)])
    u = torch.cat([u, -u])
    tolerance = {torch.float32: 1e-4, torch.float64: 1e-10}[dtype]
    torch.testing.assert_close(asinh(u), torch.asinh(u), rtol=tolerance, atol=0)
    value, slope = asinh_with_slope(u)
    torch.testing.assert_close(value, asinh(u))
    torch.testing.assert_close(slope, (1 + u.square()).rsqrt())


def test_area_sine_can_be_differentiated_twice():
    u = torch.tensor([-3.0, 0.0, 0.4], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(asinh, (u,))
    assert torch.autograd.gradgradcheck(asinh, (u,))
