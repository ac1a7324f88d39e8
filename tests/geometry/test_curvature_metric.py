"""The metrics in NumPy are those of the manifolds they stand for."""

import numpy as np
import pytest
import torch

from napari_hypseg.geometry.curvature_metric import curvature_metric
from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.geometry.manifolds.poincare import PoincareBall
from napari_hypseg.geometry.manifolds.sphere import Sphere

each_manifold = pytest.mark.parametrize(
    "manifold", [PoincareBall(0.3), PoincareBall(1.0), PoincareBall(2.5), Euclidean(), Sphere()], ids=str
)


def points_on(manifold, n, spread=0.7):
    tangents = spread * np.random.default_rng(3).normal(size=(n, 4))
    if manifold.ambient_dim(3) > 3:
        tangents[:, 0] = 0
    return manifold.expmap0(torch.from_numpy(tangents))


@each_manifold
def test_distances_are_those_of_the_manifold(manifold):
    points = points_on(manifold, 40)
    expected = manifold.pairwise_dist(points[:7], points).numpy()
    found = curvature_metric(manifold.curvature).pairwise(points[:7].numpy(), points.numpy())
    np.testing.assert_allclose(found, expected, atol=1e-7)
    assert not np.diag(found).any()


@each_manifold
def test_near_points_of_float32_keep_their_distances(manifold):
    points = points_on(manifold, 1).float().numpy()
    near = points.copy()
    near[0, 1] += 1e-5
    expected = manifold.dist(torch.from_numpy(points).double(), torch.from_numpy(near).double())
    found = curvature_metric(manifold.curvature).pairwise(points, near)
    np.testing.assert_allclose(found[0], expected, rtol=1e-4)


@each_manifold
def test_means_are_the_closed_form_of_the_manifold(manifold):
    points, weights = points_on(manifold, 12), np.random.default_rng(4).random(12)
    groups = torch.arange(12) // 4
    expected = manifold.centroids(points, groups, 3, torch.from_numpy(weights)).numpy()
    metric = curvature_metric(manifold.curvature)
    found = metric.centroid(points.numpy().reshape(3, 4, -1), weights.reshape(3, 4))
    np.testing.assert_allclose(found, expected, atol=1e-7)


@pytest.mark.parametrize("curvature", [0.3, 1.0, -1.0])
def test_points_at_the_rim_or_that_cancel_have_a_mean_that_is_finite(curvature):
    rim = np.array([[[1.0, 0.0], [-1.0, 0.0]]]) / np.sqrt(abs(curvature))
    metric = curvature_metric(curvature)
    assert np.isfinite(metric.centroid(rim, np.ones((1, 2)))).all()
    assert np.isfinite(metric.pairwise(rim[0], rim[0])).all()
