"""Which two clusters belong together: the linkages, each behind the same few lines, in one registry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from napari_hypseg.hierarchy.chain import Clusters
from napari_hypseg.hierarchy.metric import Array, Metric
from napari_hypseg.jobs import Job, Progress

Sizes = npt.NDArray[np.int64]

DEFAULT_LINKAGE = "ward"
"""Its low cuts are balanced, where average linkage peels off small leaves one by one; it takes any number of them."""

AVERAGE_MAX_LEAVES = 4096
MAX_LEAVES = 65_535
# Ward's cost is mass times distance squared. With voxel counts as they are, a rare structure costs next to nothing to
# swallow; with their square root it takes a hundred times the voxels to weigh ten times as much.
SIZE_EXPONENT = 0.5
ROWS_AT_ONCE = 64


@dataclass(frozen=True)
class Linkage:
    """One way of saying which two clusters are merged next.

    Parameters
    ----------
    name, title, description
        For settings and the person who reads them.
    max_leaves
        Most leaves it can take.
    start
        Leaves (K, d), sizes (K,) and metric to the clusters the chain begins with.
    altitudes
        (K−1,) merge costs to heights in units of distance.
    """

    name: str
    title: str
    description: str
    max_leaves: int
    start: Callable[[Array, Sizes, Metric], Job[Clusters]]
    altitudes: Callable[[Array], Array]


def linkages() -> Mapping[str, Linkage]:
    """The linkages by name."""
    return LINKAGES


class _AverageClusters:
    """UPGMA: the mean distance between the leaves of two clusters, every leaf counting once whatever its size."""

    def __init__(self, distances: npt.NDArray[np.float32]) -> None:
        self.distances = distances
        np.fill_diagonal(distances, np.inf)
        self.counts = np.ones(len(distances), dtype=np.float32)

    def costs_from(self, slot: int) -> Array:
        row: npt.NDArray[np.float32] = self.distances[slot]
        return row

    def merge(self, kept: int, gone: int) -> None:
        # Lance and Williams (1967); the inf of the diagonal and of slots that are gone survives the mean.
        n, m = self.counts[kept], self.counts[gone]
        row = (n * self.distances[kept] + m * self.distances[gone]) / (n + m)
        self.distances[kept], self.distances[:, kept] = row, row
        self.distances[gone], self.distances[:, gone] = np.inf, np.inf
        self.counts[kept] = n + m

    def compact(self, alive: npt.NDArray[np.bool_]) -> None:
        self.distances = self.distances[np.ix_(alive, alive)]
        self.counts = self.counts[alive]


class _WardClusters:
    """Ward: n·m / (n + m) · d² between weighted centroids; needs K·d numbers only."""

    def __init__(self, points: Array, weights: Array, metric: Metric) -> None:
        self.points, self.weights, self.metric = points.copy(), weights, metric
        self.gone = np.zeros(len(points), dtype=np.float32)

    def costs_from(self, slot: int) -> Array:
        weight = self.weights[slot]
        distances = self.metric.pairwise(self.points[slot : slot + 1], self.points)[0]
        masses = self.weights * weight / (self.weights + weight)
        costs: Array = np.square(distances) * masses + self.gone
        costs[slot] = np.inf
        return costs

    def merge(self, kept: int, gone: int) -> None:
        pair = [kept, gone]
        self.points[kept] = self.metric.centroid(self.points[None, pair], self.weights[None, pair])[0]
        self.weights[kept] += self.weights[gone]
        self.gone[gone] = np.inf

    def compact(self, alive: npt.NDArray[np.bool_]) -> None:
        self.points, self.weights, self.gone = self.points[alive], self.weights[alive], self.gone[alive]


def _start_average(points: Array, sizes: Sizes, metric: Metric) -> Job[Clusters]:
    n = len(points)
    distances = np.empty((n, n), dtype=np.float32)
    for start in range(0, n, ROWS_AT_ONCE):
        stop = min(n, start + ROWS_AT_ONCE)
        rows = metric.pairwise(points[start:stop], points[:stop])
        # The same number both ways: an exact tie must be one from either side.
        distances[start:stop, :stop] = rows
        distances[:start, start:stop] = rows[:, :start].T
        block = rows[:, start:]
        distances[start:stop, start:stop] = (block + block.T) / 2
        yield Progress("tree", 0, n - 1)
    return _AverageClusters(distances)


def _start_ward(points: Array, sizes: Sizes, metric: Metric) -> Job[Clusters]:
    yield Progress("tree", 0, len(points) - 1)
    # An empty leaf weighs as much as one voxel, or it would join anything at no cost.
    weights = np.maximum(sizes, 1).astype(np.float64) ** SIZE_EXPONENT
    return _WardClusters(points, (weights / weights.mean()).astype(np.float32), metric)


def _distance(costs: Array) -> Array:
    return costs


def _ward_distance(costs: Array) -> Array:
    # Two leaves of mean weight then merge at their distance.
    return np.sqrt(2 * costs)


LINKAGES: Mapping[str, Linkage] = MappingProxyType(
    {
        "average": Linkage(
            "average",
            "Average distance",
            "Regions join when their leaves are close on average; rare structures keep a branch of their own.",
            AVERAGE_MAX_LEAVES,
            _start_average,
            _distance,
        ),
        "ward": Linkage(
            "ward",
            "Ward",
            "Regions join when that blurs them least; regions of one cut tend to be of similar weight.",
            MAX_LEAVES,
            _start_ward,
            _ward_distance,
        ),
    }
)
