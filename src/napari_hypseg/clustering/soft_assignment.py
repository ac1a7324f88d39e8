"""Soft assignment of points to clusters: the share that each point has in each, by square distance."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float32]
TINY = float(np.finfo(np.float32).tiny)


def soft_assignment(points: Floats, centroids: Floats, width: float, factors: Floats | None = None) -> Floats:
    """Shares float32 (n, k) of sum 1 that `points` (n, d) have in clusters with `centroids` (k, d).

    Parameters
    ----------
    width
        Square distance that one e-fold stands for, above 0.
    factors
        float32 (n, k) above 0; what shares are multiplied by before their sum is 1.
    """
    squares = square_distances(points, centroids)
    squares -= squares.min(axis=1, keepdims=True)
    shares = np.exp(squares / -width)
    if factors is not None:
        shares *= factors
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), dtype=np.float32)


def square_distances(points: Floats, centroids: Floats) -> Floats:
    """Square distances (n, k)."""
    squares = np.square(points).sum(axis=1)[:, None] + np.square(centroids).sum(axis=1) - 2 * points @ centroids.T
    return np.asarray(np.maximum(squares, 0))


def total_variance(points: Floats, weights: Floats) -> float:
    """Mean square distance of weighted points (n, d) to their mean, above 0."""
    mean = np.average(points, axis=0, weights=weights)[None].astype(np.float32)
    return max(float(np.average(square_distances(points, mean)[:, 0], weights=weights)), TINY)
