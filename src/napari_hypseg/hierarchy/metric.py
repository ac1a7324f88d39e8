"""What the tree needs to know of a manifold: distances and weighted means, so that no linkage names a geometry."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress

Array: TypeAlias = npt.NDArray[np.floating[Any]]

ROWS_AT_ONCE = 64


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


def beside(metric: Metric, d: int) -> Metric:
    """The product of a manifold, the first `d` coordinates of a point, with flat space, the others.

    Squares of distances add up, and means are taken in each part alone.
    """

    def pairwise(first: Array, second: Array) -> Array:
        curved = metric.pairwise(first[:, :d], second[:, :d])
        return np.asarray(np.hypot(curved, _euclidean_pairwise(first[:, d:], second[:, d:])))

    def centroid(points: Array, weights: Array) -> Array:
        curved = metric.centroid(points[..., :d], weights)
        return np.concatenate([curved, _euclidean_centroid(points[..., d:], weights)], axis=-1)

    return Metric(pairwise, centroid)


def spread(points: Array, sizes: npt.NDArray[np.int64], metric: Metric) -> float:
    """Root of the mean squared distance of `points` (n, d) to their mean, over all voxels, `sizes` (n,) of each."""
    weights = np.maximum(sizes, 1).astype(np.float32)
    middle = metric.centroid(points[None], weights[None])
    return float(np.sqrt(np.average(np.square(metric.pairwise(middle, points)[0]), weights=weights)))


def distances_job(points: Array, metric: Metric) -> Job[npt.NDArray[np.float32]]:
    """Distances float32 (K, K) between `points` (K, d), the same number both ways, 0 to themselves.

    An exact tie must be one from either side. Yields ``Progress("tree", 0, K − 1)``.
    """
    n = len(points)
    distances = np.empty((n, n), dtype=np.float32)
    for start in range(0, n, ROWS_AT_ONCE):
        stop = min(n, start + ROWS_AT_ONCE)
        rows = metric.pairwise(points[start:stop], points[:stop])
        distances[start:stop, :stop] = rows
        distances[:start, start:stop] = rows[:, :start].T
        block = rows[:, start:]
        distances[start:stop, start:stop] = (block + block.T) / 2
        yield Progress("tree", 0, n - 1)
    np.fill_diagonal(distances, 0)
    return distances
