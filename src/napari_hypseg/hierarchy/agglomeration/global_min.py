"""Agglomeration by the globally cheapest pair, for linkages that are not reducible (costs may fall as clusters grow).

Nearest-neighbour chains need a reducible linkage. Here the costs of all pairs are kept, K² numbers, with the nearest
neighbour of each cluster: a merge recomputes one row, and the neighbours of clusters whose nearest was one of the two.
"""

from time import monotonic
from typing import Protocol

import numpy as np
import numpy.typing as npt

from napari_hypseg.geometry.metric import Array
from napari_hypseg.hierarchy.agglomeration.nn_chain import REPORT_EVERY, Merges
from napari_hypseg.jobs import Job, Progress


class Mergeable(Protocol):
    """The state of a linkage: the present clusters, each in a slot numbered from 0."""

    def costs_between(self, slot: int, others: npt.NDArray[np.intp]) -> Array:
        """(n,) cost of merging `slot` with each of `others` (n,); the same number from either side."""
        ...

    def merge(self, kept: int, gone: int) -> None:
        """Put the union of two clusters into `kept`; `gone` is not asked about again."""
        ...


def global_min_merges(clusters: Mergeable, n_leaves: int) -> Job[Merges]:
    """Merge `n_leaves` clusters into one, the cheapest pair first and of equal ones that of the lowest slots.

    Yields ``Progress("tree", merges, K − 1)``. The heights are the highest cost so far: none is
    below what was merged before it.
    """
    pairs = _Pairs(clusters, n_leaves)
    yield Progress("tree", 0, n_leaves - 1)
    shown = monotonic()
    for work in (pairs.fill_row, pairs.merge_minimum):
        for turn in range(n_leaves - 1):
            work(turn)
            if monotonic() - shown > REPORT_EVERY:
                yield Progress("tree", len(pairs.merged), n_leaves - 1)
                shown = monotonic()
    found = np.array(pairs.merged, dtype=np.int64).reshape(-1, 2)
    return Merges(found, np.maximum.accumulate(np.array(pairs.merge_costs, dtype=np.float64)))


class _Pairs:
    def __init__(self, clusters: Mergeable, n_leaves: int) -> None:
        self.clusters = clusters
        self.nodes = np.arange(n_leaves)
        self.alive = np.arange(n_leaves)
        self.costs = np.full((n_leaves, n_leaves), np.inf, dtype=np.float32)
        self.nearest = np.zeros(n_leaves, dtype=np.intp)
        self.lowest = np.full(n_leaves, np.inf, dtype=np.float32)
        self.merged: list[tuple[int, int]] = []
        self.merge_costs: list[float] = []

    def fill_row(self, slot: int) -> None:
        """Cost of `slot` with all after it; with the last row the nearest of all are known."""
        self._set_costs(slot, self.alive[slot + 1 :])
        self._update_nearest(np.array([slot]))
        if slot == len(self.alive) - 2:
            self._update_nearest(self.alive[-1:])

    def merge_minimum(self, turn: int) -> None:
        """Merge the cheapest pair; it makes node K + `turn`."""
        kept = int(np.argmin(self.lowest))
        gone = int(self.nearest[kept])
        first, second = sorted((int(self.nodes[kept]), int(self.nodes[gone])))
        self.merged.append((first, second))
        self.merge_costs.append(float(self.lowest[kept]))
        self.clusters.merge(kept, gone)
        self.nodes[kept] = len(self.nodes) + turn
        self._drop(gone)
        self._update_costs(kept, gone)

    def _drop(self, gone: int) -> None:
        self.alive = self.alive[self.alive != gone]
        self.costs[gone], self.costs[:, gone] = np.inf, np.inf
        self.lowest[gone] = np.inf

    def _update_costs(self, kept: int, gone: int) -> None:
        others = self.alive[self.alive != kept]
        self._set_costs(kept, others)
        costs, nearest = self.costs[kept, others], self.nearest[others]
        stale = (nearest == kept) | (nearest == gone)
        nearer = ~stale & ((costs < self.lowest[others]) | ((costs == self.lowest[others]) & (kept < nearest)))
        self.nearest[others[nearer]], self.lowest[others[nearer]] = kept, costs[nearer]
        self._update_nearest(np.append(others[stale], kept))

    def _set_costs(self, slot: int, others: npt.NDArray[np.intp]) -> None:
        costs = self.clusters.costs_between(slot, others)
        self.costs[slot, others], self.costs[others, slot] = costs, costs

    def _update_nearest(self, slots: npt.NDArray[np.intp]) -> None:
        self.nearest[slots] = self.costs[slots].argmin(axis=1)
        self.lowest[slots] = self.costs[slots, self.nearest[slots]]
