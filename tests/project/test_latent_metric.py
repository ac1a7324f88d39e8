import numpy as np
import pytest
import torch

from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.geometry.manifolds.poincare import PoincareBall
from napari_hypseg.geometry.manifolds.sphere import Sphere
from napari_hypseg.project.latent_metric import latent_curvature, latent_metric
from napari_hypseg.project.run_settings import RunSettings


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
    expected = manifold.pairwise_dist(torch.from_numpy(points[:15]), torch.from_numpy(points)).numpy()
    np.testing.assert_allclose(metric.pairwise(points[:15], points), expected, atol=1e-6)


def test_what_a_segmentation_was_made_with_counts_more_than_the_settings_of_the_next_run():
    settings = RunSettings(method="hyperbolic", model={"curvature": 3.0})
    assert latent_curvature(settings) == 3
    assert latent_curvature(settings, {"curvature": 0.5}) == 0.5
    assert latent_curvature(settings, {"curvature": -1}) == -1
    assert latent_curvature(settings, {"curvature": "damaged"}) == 3
    assert latent_curvature(RunSettings(method="hyperspherical")) == -1
    points = np.zeros((1, 2))
    far = np.full((1, 2), 0.5)
    assert latent_metric(settings, {"curvature": 0.0}).pairwise(points, far) == pytest.approx(np.sqrt(0.5))
