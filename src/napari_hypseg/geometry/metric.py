"""Distances and weighted means of a manifold in NumPy, so that no linkage depends on a geometry."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Metric:
    """Distances and means of one manifold, in NumPy.

    Parameters
    ----------
    pairwise
        (m, d) and (n, d) points to their (m, n) distances.
    centroid
        (b, n, d) points and (b, n) weights ≥ 0, not all 0, to the (b, d) weighted means of each set.
    """

    pairwise: Callable[[Array, Array], Array]
    centroid: Callable[[Array, Array], Array]


def _euclidean_pairwise(first: Array, second: Array) -> Array:
    return np.asarray(np.sqrt(np.square(first[:, None, :] - second[None, :, :]).sum(axis=-1)))


def _euclidean_centroid(points: Array, weights: Array) -> Array:
    return np.asarray(np.einsum("bn,bnd->bd", weights, points) / weights.sum(axis=1, keepdims=True))


EUCLIDEAN = Metric(_euclidean_pairwise, _euclidean_centroid)


def product_metric(metric: Metric, d: int) -> Metric:
    """The product of a manifold, on the first `d` coordinates of a point, and Euclidean space, on the others.

    Squares of distances add up, and means are taken in each part alone.
    """

    def pairwise(first: Array, second: Array) -> Array:
        curved = metric.pairwise(first[:, :d], second[:, :d])
        return np.asarray(np.hypot(curved, _euclidean_pairwise(first[:, d:], second[:, d:])))

    def centroid(points: Array, weights: Array) -> Array:
        curved = metric.centroid(points[..., :d], weights)
        return np.concatenate([curved, _euclidean_centroid(points[..., d:], weights)], axis=-1)

    return Metric(pairwise, centroid)


def root_mean_square_distance(points: Array, sizes: npt.NDArray[np.int64], metric: Metric) -> float:
    """Root of the mean squared distance of `points` (n, d) to their mean, over all voxels, `sizes` (n,) of each."""
    weights = np.maximum(sizes, 1).astype(np.float32)
    middle = metric.centroid(points[None], weights[None])
    return float(np.sqrt(np.average(np.square(metric.pairwise(middle, points)[0]), weights=weights)))
