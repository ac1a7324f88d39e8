"""Gyroplane layers against their definition, their limit and a convolution written out."""

import itertools
import math

import pytest
import torch
from torch.nn import functional

from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.geometry.manifolds.manifold import hyperplane_values
from napari_hypseg.geometry.manifolds.poincare import PoincareBall
from napari_hypseg.geometry.manifolds.sphere import Sphere
from napari_hypseg.nn import gyroplane as gyroplane_module
from napari_hypseg.nn.gyroplane import GyroplaneConv3d, gyroplane

BALLS = [PoincareBall(c) for c in (0.1, 1.0, 2.0)]
MANIFOLDS = [*BALLS, Euclidean(), Sphere()]


def _draw(seed, *shape, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def _origin(manifold, dim, dtype=torch.float64):
    return manifold.expmap0(torch.zeros(manifold.ambient_dim(dim), dtype=dtype))


def _point(manifold, u):
    """Points at frame coordinates `u` from the origin."""
    return manifold.expmap0(manifold.from_frame(_origin(manifold, u.shape[-1], u.dtype), u))


def _by_definition(ball, z, a, r):
    """sign<a_p, log_p z> |a_p|_p d(z, H), each factor from its own formula (Ganea et al. 2018, eq. 24 and 25)."""
    c = ball.curvature
    p = ball.expmap0(r.unsqueeze(-1) * a / a.norm(dim=-1, keepdim=True))
    at_p = ball.transp0(p, a)
    z, p, at_p = z.unsqueeze(-2), p.expand(len(z), *p.shape), at_p.expand(len(z), *at_p.shape)
    m = ball.mobius_add(-p, z.expand_as(p))
    top = 2 * math.sqrt(c) * (m * at_p).sum(-1)
    bottom = (1 - c * m.square().sum(-1)) * at_p.norm(dim=-1)
    distance = torch.asinh(top.abs() / bottom) / math.sqrt(c)
    side = torch.sign((at_p * ball.logmap(p, z.expand_as(p))).sum(-1))
    return side * (ball.conformal_factor(p).squeeze(-1) * at_p.norm(dim=-1)) * distance


@pytest.mark.parametrize("ball", BALLS, ids=lambda b: f"c{b.curvature}")
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-3), (torch.float64, 1e-9)])
def test_closed_form_is_the_definition(ball, dtype, tolerance):
    scale = 0.5 / math.sqrt(ball.curvature)
    z = ball.expmap0(scale * _draw(0, 40, 4, dtype=dtype))
    a, r = _draw(1, 7, 4, dtype=dtype), scale * _draw(2, 7, dtype=dtype)
    expected = _by_definition(ball, z, a, r)
    torch.testing.assert_close(gyroplane(z, a, r, ball.curvature), expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("ball", BALLS, ids=lambda b: f"c{b.curvature}")
def test_distance_is_the_shortest_way_to_the_hyperplane(ball):
    scale = 0.5 / math.sqrt(ball.curvature)
    z, a, r = ball.expmap0(scale * _draw(3, 6, 2)), _draw(4, 1, 2), scale * _draw(5, 1)
    p = ball.expmap0(r * a / a.norm())
    along = torch.linspace(-5, 5, 20_001, dtype=torch.float64).unsqueeze(-1) / math.sqrt(ball.curvature)
    plane = ball.expmap(p, ball.from_frame(p, along * torch.tensor([[-a[0, 1], a[0, 0]]]) / a.norm()))
    shortest = ball.pairwise_dist(z, plane).amin(dim=1)
    torch.testing.assert_close(
        gyroplane(z, a, r, ball.curvature)[:, 0].abs(), 2 * a.norm() * shortest, rtol=1e-5, atol=1e-5
    )


def test_points_of_the_hyperplane_have_value_zero():
    ball, a, r = PoincareBall(1.3), _draw(6, 5, 3), 0.4 * _draw(7, 5)
    p = ball.expmap0(r.unsqueeze(-1) * a / a.norm(dim=-1, keepdim=True))
    torch.testing.assert_close(gyroplane(p, a, r, 1.3).diagonal(), torch.zeros(5).double(), atol=1e-12, rtol=0)


@pytest.mark.parametrize("manifold", MANIFOLDS, ids=str)
def test_value_at_unit_distance_along_the_normal_is_the_same_everywhere_on_it(manifold):
    direction = torch.tensor([[0.0, 2.0]]).double()
    values = [
        float(hyperplane_values(manifold, _point(manifold, t * direction / 2), direction, torch.zeros(1).double()))
        for t in (0.5, 1.0)
    ]
    assert values[1] == pytest.approx(2 * values[0])


def test_vanishing_curvature_gives_a_plain_convolution():
    layer = GyroplaneConv3d(3, 5, manifold=PoincareBall(1e-10)).double()
    torch.nn.init.normal_(layer.offset, generator=torch.Generator().manual_seed(0))
    z = _draw(8, 2, 3, 5, 6, 7)
    bias = -4 * layer.offset * layer.weight.norm(dim=1).sum(dim=(1, 2, 3))
    torch.testing.assert_close(layer(z), functional.conv3d(z, 4 * layer.weight, bias, padding=1), rtol=1e-6, atol=1e-6)


def test_flat_space_is_a_plain_convolution():
    layer = GyroplaneConv3d(3, 5, manifold=Euclidean())
    torch.nn.init.normal_(layer.offset, generator=torch.Generator().manual_seed(0))
    z = _draw(9, 2, 3, 5, 6, 7, dtype=torch.float32)
    bias = -layer.offset * layer.weight.norm(dim=1).sum(dim=(1, 2, 3))
    torch.testing.assert_close(layer(z), functional.conv3d(z, layer.weight, bias, padding=1), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("manifold", MANIFOLDS, ids=str)
def test_convolution_sums_the_taps_and_sees_the_origin_outside(manifold):
    layer = GyroplaneConv3d(2, 3, manifold=manifold).double()
    torch.nn.init.normal_(layer.offset, std=0.3, generator=torch.Generator().manual_seed(1))
    z = _point(manifold, 0.8 * _draw(10, 1, 4, 3, 5, 2))
    padded = _origin(manifold, 2).repeat(6, 5, 7, 1)
    padded[1:-1, 1:-1, 1:-1] = z[0]
    expected = torch.zeros(4, 3, 5, 3).double()
    for i, j, k in itertools.product(range(3), repeat=3):
        window = padded[i : i + 4, j : j + 3, k : k + 5]
        expected += hyperplane_values(manifold, window, layer.weight[:, :, i, j, k], layer.offset)
    torch.testing.assert_close(layer(z.movedim(-1, 1))[0], expected.movedim(-1, 0))


@pytest.mark.parametrize("manifold", MANIFOLDS, ids=str)
@pytest.mark.parametrize("chunk", [1, 2**19], ids=["one_by_one", "together"])
def test_hand_written_gradient_is_that_of_finite_differences(manifold, chunk, monkeypatch):
    monkeypatch.setitem(gyroplane_module.CHUNK, "cpu", chunk)
    layer = GyroplaneConv3d(2, 2, manifold=manifold).double()
    z = _point(manifold, _draw(11, 2, 2, 3, 2, 2)).movedim(-1, 1).contiguous()

    def values(z, weight, offset):
        return torch.func.functional_call(layer, {"weight": weight, "offset": offset}, (z,))

    leaves = (z, 0.5 * _draw(12, *layer.weight.shape), 0.3 * _draw(13, 2))
    assert torch.autograd.gradcheck(values, tuple(leaf.requires_grad_() for leaf in leaves))


def test_a_kernel_of_one_is_the_gyroplane_layer():
    layer = GyroplaneConv3d(4, 6, kernel_size=1, manifold=PoincareBall(0.5))
    z = PoincareBall(0.5).expmap0(0.5 * _draw(14, 1, 3, 3, 3, 4, dtype=torch.float32))
    expected = gyroplane(z, layer.weight.flatten(1), layer.offset, 0.5)
    torch.testing.assert_close(layer(z.movedim(-1, 1)), expected.movedim(-1, 1))


@pytest.mark.parametrize("manifold", MANIFOLDS, ids=str)
@pytest.mark.parametrize("kernel_size", [1, 3])
def test_first_outputs_have_unit_variance_for_points_at_distance_one(manifold, kernel_size):
    generator = torch.Generator().manual_seed(0)
    layer = GyroplaneConv3d(8, 64, kernel_size, manifold=manifold, generator=generator)
    directions = functional.normalize(_draw(15, 1, 8, 8, 8, 8, dtype=torch.float32), dim=-1)
    z = _point(manifold, directions)
    inner = layer(z.movedim(-1, 1))[..., 1:-1, 1:-1, 1:-1]
    assert 0.7 < float(inner.detach().std()) < 1.4


def test_rim_and_far_offsets_stay_finite(monkeypatch):
    ball = PoincareBall(1.0)
    layer = GyroplaneConv3d(3, 4, manifold=ball)
    with torch.no_grad():
        layer.offset.copy_(torch.tensor([0.0, 1e3, -1e3, 5.0]))
        layer.weight[0] = 0
    z = ball.project(100 * _draw(16, 1, 4, 4, 4, 3, dtype=torch.float32)).movedim(-1, 1).requires_grad_()
    out = layer(z)
    out.sum().backward()
    assert torch.isfinite(out).all()
    for tensor in (z, layer.weight, layer.offset):
        assert torch.isfinite(tensor.grad).all()


def test_mixed_precision_does_not_reach_the_distances():
    layer = GyroplaneConv3d(3, 4, manifold=PoincareBall(1.0))
    z = PoincareBall(1.0).expmap0(_draw(17, 1, 4, 4, 4, 3, dtype=torch.float32)).movedim(-1, 1)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = layer(z)
    assert mixed.dtype == torch.float32
    assert torch.equal(mixed, layer(z))


def test_an_even_kernel_is_refused():
    with pytest.raises(ValueError, match="odd"):
        GyroplaneConv3d(2, 2, kernel_size=2, manifold=Euclidean())
