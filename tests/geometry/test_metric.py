import numpy as np
import torch

from napari_hypseg.geometry.curvature_metric import curvature_metric
from napari_hypseg.geometry.manifolds.poincare import PoincareBall
from napari_hypseg.geometry.metric import EUCLIDEAN, product_metric


def test_a_product_adds_squares_of_distances_and_takes_means_in_each_part():
    ball, rng = PoincareBall(1.0), np.random.default_rng(0)
    curved = ball.expmap0(torch.from_numpy(rng.normal(size=(7, 3)).astype(np.float32))).numpy()
    flat = rng.normal(size=(7, 2)).astype(np.float32)
    metric, product = curvature_metric(1.0), product_metric(curvature_metric(1.0), 3)
    both = np.concatenate([curved, flat], axis=1)
    squares = metric.pairwise(curved[:2], curved) ** 2 + EUCLIDEAN.pairwise(flat[:2], flat) ** 2
    np.testing.assert_allclose(product.pairwise(both[:2], both) ** 2, squares, rtol=1e-5)
    weights = rng.random((1, 7)).astype(np.float32)
    mean = product.centroid(both[None], weights)
    np.testing.assert_allclose(mean[:, :3], metric.centroid(curved[None], weights), rtol=1e-5)
    np.testing.assert_allclose(mean[:, 3:], EUCLIDEAN.centroid(flat[None], weights), rtol=1e-5)


def test_the_product_with_no_dimension_is_the_metric_itself():
    points = np.random.default_rng(1).normal(size=(5, 3))
    np.testing.assert_allclose(
        product_metric(EUCLIDEAN, 3).pairwise(points, points), EUCLIDEAN.pairwise(points, points)
    )
