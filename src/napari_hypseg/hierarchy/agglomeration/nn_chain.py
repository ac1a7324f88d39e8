"""Agglomeration by nearest-neighbour chains: any linkage, no more memory than the linkage itself needs.

Murtagh (1983): follow nearest neighbours from cluster to cluster until two are each other's nearest, merge them, go on
from what is left of the chain. At most 3K looks at one cluster against all others, so O(K²) distances in all and no
K × K matrix. For reducible linkages (average, Ward) the result is that of always merging the cheapest pair.
"""

from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError
from napari_hypseg.jobs import Job, Progress

OUTSIDE = "Some leaves lie outside the latent space; train again with a lower learning rate."
REPORT_EVERY = 0.1
SPARSE = 0.7


class Clusters(Protocol):
    """The state of a linkage: the present clusters, each in a slot numbered from 0."""

    def costs_from(self, slot: int) -> npt.NDArray[np.floating[Any]]:
        """(n_slots,) cost of merging `slot` with each other; inf for itself and for slots that are gone."""
        ...

    def merge(self, kept: int, gone: int) -> None:
        """Put the union of two clusters into `kept` and drop `gone`."""
        ...

    def compact(self, alive: npt.NDArray[np.bool_]) -> None:
        """Renumber the slots to those that are `alive` (n_slots,), in their order."""
        ...


@dataclass(frozen=True, eq=False)
class Merges:
    """The merges in the order they were found: children always before their parents.

    Parameters
    ----------
    pairs
        int64 (K−1, 2); node numbers of the merged pair; merge *m* makes node K + *m*.
    heights
        float64 (K−1,); what the merge cost, in the end in the linkage's unit of altitude.
    """

    pairs: npt.NDArray[np.int64]
    heights: npt.NDArray[np.float64]


def nn_chain(clusters: Clusters, n_leaves: int) -> Job[Merges]:
    """Merge `n_leaves` clusters into one, yielding ``Progress("tree", merges, K − 1)``."""
    chain = _Chain(clusters, n_leaves)
    shown = monotonic()
    while len(chain.pairs) < n_leaves - 1:
        chain.step()
        if monotonic() - shown > REPORT_EVERY:
            yield Progress("tree", len(chain.pairs), n_leaves - 1)
            shown = monotonic()
    pairs = np.array(chain.pairs, dtype=np.int64).reshape(-1, 2)
    return Merges(pairs, np.array(chain.costs, dtype=np.float64))


class _Chain:
    def __init__(self, clusters: Clusters, n_leaves: int) -> None:
        self.clusters = clusters
        self.n_leaves = n_leaves
        self.nodes = np.arange(n_leaves)
        self.alive = np.ones(n_leaves, dtype=np.bool_)
        self.path: list[int] = []
        self.on_path: set[int] = set()
        self.pairs: list[tuple[int, int]] = []
        self.costs: list[float] = []

    def step(self) -> None:
        """Go to the nearest neighbour of the path's end, or merge if that closes the path."""
        if not self.path:
            self._go_to(int(np.argmax(self.alive)))
        costs = self.clusters.costs_from(self.path[-1])
        near = self._nearest(costs)
        if near in self.on_path:
            self._merge_end_with(near, float(costs[near]))
        else:
            self._go_to(near)

    def _nearest(self, costs: npt.NDArray[np.floating[Any]]) -> int:
        near = int(np.argmin(costs))
        if not np.isfinite(costs[near]):
            raise InputError(OUTSIDE)
        before = self.path[-2] if len(self.path) > 1 else near
        # Ties go back along the path, or equal distances would send it round in circles.
        return before if costs[before] <= costs[near] else near

    def _go_to(self, slot: int) -> None:
        self.path.append(slot)
        self.on_path.add(slot)

    def _merge_end_with(self, near: int, cost: float) -> None:
        # `near` is the one before the end, except where a linkage is not quite reducible or a distance not quite
        # symmetric; merging with it wherever it stands on the path is what makes every walk end.
        kept, gone = sorted((self.path[-1], near))
        position = self.path.index(near)
        self.on_path -= set(self.path[position:])
        del self.path[position:]
        self.clusters.merge(kept, gone)
        first, second = sorted((int(self.nodes[kept]), int(self.nodes[gone])))
        self.nodes[kept] = self.n_leaves + len(self.pairs)
        self.alive[gone] = False
        self.pairs.append((first, second))
        self.costs.append(cost)
        self._compact_if_sparse()

    def _compact_if_sparse(self) -> None:
        n_alive = self.n_leaves - len(self.pairs)
        if n_alive > SPARSE * len(self.alive):
            return
        self.clusters.compact(self.alive)
        moved = np.cumsum(self.alive) - 1
        self.path = [int(moved[slot]) for slot in self.path]
        self.on_path = set(self.path)
        self.nodes = self.nodes[self.alive]
        self.alive = np.ones(n_alive, dtype=np.bool_)
