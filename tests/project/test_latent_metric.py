import numpy as np
import pytest

from napari_hypseg.geometry.manifold_metric import manifold_metric
from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.geometry.manifolds.poincare import PoincareBall
from napari_hypseg.geometry.manifolds.sphere import Sphere
from napari_hypseg.project.latent_metric import latent_metric
from napari_hypseg.project.settings import RunSettings


@pytest.mark.parametrize(
    ("method", "model", "manifold"),
    [
        ("hyperbolic", {}, PoincareBall(1.0)),
        ("hyperbolic", {"curvature": 0.3}, PoincareBall(0.3)),
        ("hyperspherical", {}, Sphere()),
        ("euclidean", {}, Euclidean()),
        ("hsu2021", {}, PoincareBall(1.0)),
    ],
)
def test_distances_without_the_model_are_those_of_its_manifold(method, model, manifold):
    points = np.random.default_rng(2).normal(size=(40, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True) * (1 if method == "hyperspherical" else 1.1)
    metric = latent_metric(RunSettings(method=method, model=model))
    expected = manifold_metric(manifold).pairwise(points[:15], points)
    np.testing.assert_allclose(metric.pairwise(points[:15], points), expected, atol=1e-6)
