"""Decoders differ by the layer that reads points; each works over every manifold."""

import pytest
import torch

from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.geometry.manifolds.poincare import PoincareBall
from napari_hypseg.geometry.manifolds.sphere import Sphere
from napari_hypseg.nn.decoders import FIRST_LAYERS, EuclideanConv3d, PointDecoder

MANIFOLDS = [Euclidean(), PoincareBall(1e-3), PoincareBall(1.0), PoincareBall(100.0), Sphere()]


@pytest.mark.parametrize("manifold", MANIFOLDS, ids=str)
@pytest.mark.parametrize("name", FIRST_LAYERS)
@pytest.mark.parametrize("kernel", [1, 3])
def test_it_sees_as_far_as_its_kernel(manifold, name, kernel):
    torch.manual_seed(0)
    decoder = PointDecoder(FIRST_LAYERS[name](manifold, 3, 8, kernel), 8, 2)
    tangent = 0.1 * torch.randn(1, 5, 5, 5, manifold.ambient_dim(3)) / max(1, manifold.curvature) ** 0.5
    z = manifold.project(manifold.expmap0(tangent)).movedim(-1, 1).requires_grad_()
    values = decoder(z)
    assert values.shape == (1, 2, 5, 5, 5)
    values[0, :, 2, 2, 2].sum().backward()
    seen = (z.grad.abs().sum(dim=1) > 0).squeeze(0).nonzero()
    assert ((seen - 2).abs() <= kernel // 2).all()
    assert len(seen) == kernel**3


def test_a_plain_layer_over_the_ball_reads_logarithms():
    ball, dim = PoincareBall(1.0), 4
    layer = EuclideanConv3d(dim, 5, 1, manifold=ball)
    u = torch.randn(2, 3, 3, 3, dim)
    expected = torch.einsum("bzyxd,od->bozyx", u, layer.convolution.weight.flatten(1))
    z = ball.expmap0(u / 2).movedim(-1, 1)
    found = layer(z) - layer.convolution.bias[:, None, None, None]
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-3)
