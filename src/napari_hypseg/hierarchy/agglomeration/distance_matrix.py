"""The distance matrix of points on a manifold, computed a few rows at a time."""

import numpy as np
import numpy.typing as npt

from napari_hypseg.geometry.metric import Array, Metric
from napari_hypseg.jobs import Job, Progress

ROWS_AT_ONCE = 64


def distance_matrix(points: Array, metric: Metric) -> Job[npt.NDArray[np.float32]]:
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
