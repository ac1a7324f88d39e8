"""Trees to test with: random ones from a seed, and a hyperbolic metric written independently of the package's own."""

from collections.abc import Callable

import numpy as np
import pytest

from napari_hypseg.geometry.metric import Metric
from napari_hypseg.hierarchy.tree import Hierarchy
from tests.scipy_tree import scipy_tree

MakeTree = Callable[..., Hierarchy]


@pytest.fixture
def make_tree() -> MakeTree:
    """A tree over clustered points: ``make_tree(seed, n_leaves, linkage)``."""

    def make(seed: int, n_leaves: int, linkage: str = "average") -> Hierarchy:
        rng = np.random.default_rng(seed)
        centres = 4 * rng.normal(size=(8, 3))
        points = centres[rng.integers(0, 8, n_leaves)] + rng.normal(size=(n_leaves, 3))
        return scipy_tree(points.astype(np.float32), rng.integers(0, 1000, n_leaves), linkage)

    return make


@pytest.fixture
def unbalanced() -> Hierarchy:
    """A tree from whose biggest region one leaf after the other breaks off."""
    points = 1.1 ** np.arange(80, dtype=np.float32)[:, None]
    return scipy_tree(points, np.full(80, 10))


def _ball_distances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    difference = np.square(first[:, None] - second[None]).sum(-1)
    gaps = (1 - np.square(first).sum(-1))[:, None] * (1 - np.square(second).sum(-1))[None]
    return np.arccosh(1 + 2 * difference / gaps)


def _lorentz_centroids(points: np.ndarray, weights: np.ndarray) -> np.ndarray:
    squares = np.square(points).sum(-1, keepdims=True)
    lifted = np.concatenate([1 + squares, 2 * points], axis=-1) / (1 - squares)
    mean = (weights[..., None] * lifted).sum(-2)
    mean /= np.sqrt(mean[:, :1] ** 2 - np.square(mean[:, 1:]).sum(-1, keepdims=True))
    return mean[:, 1:] / (1 + mean[:, :1])


@pytest.fixture
def ball() -> Metric:
    """The Poincaré ball of curvature 1, from the textbook's arcosh."""
    return Metric(_ball_distances, _lorentz_centroids)
