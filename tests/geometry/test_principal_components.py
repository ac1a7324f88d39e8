"""Principal components of points on a manifold."""

import pytest
import torch

from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.geometry.manifolds.poincare import PoincareBall
from napari_hypseg.geometry.principal_components import fit_principal_components, tangent_vectors


@pytest.fixture
def cloud():
    """Tangent vectors (n, 3) with the standard deviations 1, 0.5 and 0.1 along known directions."""
    generator = torch.Generator().manual_seed(0)
    basis = torch.linalg.qr(torch.randn(3, 3, generator=generator))[0]
    return torch.randn(20_000, 3, generator=generator) * torch.tensor([0.5, 1.0, 0.1]) @ basis.T, basis


@pytest.mark.parametrize("manifold", [PoincareBall(1.0), PoincareBall(0.3), Euclidean()])
def test_components_come_in_the_order_of_their_variance(cloud, manifold):
    vectors, basis = cloud
    points = manifold.expmap0(manifold.from_frame(torch.zeros_like(vectors), vectors))
    torch.testing.assert_close(tangent_vectors(points, manifold), vectors, atol=1e-3, rtol=1e-3)
    found = fit_principal_components(points, 2, manifold)
    expected = basis.T[[1, 0]]
    torch.testing.assert_close((found.directions * expected).sum(-1).abs(), torch.ones(2), atol=1e-2, rtol=0)
    torch.testing.assert_close(found.shares, torch.tensor([1.0, 0.25]) / 1.26, atol=2e-2, rtol=0)
    coordinates = found.of(points.view(20, 1000, 1, 3), manifold)
    assert coordinates.shape == (2, 20, 1000, 1)
    torch.testing.assert_close(coordinates.flatten(1).std(dim=1), torch.tensor([1.0, 0.5]), atol=2e-2, rtol=0)


def test_the_same_points_give_the_same_signs(cloud):
    vectors, _ = cloud
    flat = Euclidean()
    first, second = (fit_principal_components(part, 3, flat).directions for part in (vectors, vectors.flip(0)))
    torch.testing.assert_close(first, second, atol=1e-3, rtol=0)


def test_points_that_all_coincide_have_components_of_no_variance():
    found = fit_principal_components(torch.full((50, 3), 0.1), 3, Euclidean())
    assert found.directions.isfinite().all()
    torch.testing.assert_close(found.shares, torch.zeros(3))
