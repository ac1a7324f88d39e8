"""The merges of one round: edges of which each end is the other's cheapest neighbour, among the cheapest of all."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.supervoxels.edge_keys import Ints, edge_keys

Floats = npt.NDArray[np.float64]

MIN_SHARE = 0.1
"""Share of all edges, the cheapest, that may merge in one round; costs of the others are recomputed after it."""
SCARCE = 0.05
"""Where a round finds fewer than this share of the merges still wanted, whole stars of edges merge."""
SAMPLE = 1_000_000
NONE = -1


@dataclass(frozen=True, eq=False)
class Edges:
    """Adjacent regions, each edge once in any order: int64 (m,) `low` < `high`, `areas`, shared faces, and `costs`."""

    low: Ints
    high: Ints
    areas: Ints
    costs: Floats

    def __len__(self) -> int:
        return len(self.costs)

    def rows(self, chosen: Ints | slice) -> "Edges":
        """Some of the edges."""
        return Edges(self.low[chosen], self.high[chosen], self.areas[chosen], self.costs[chosen])

    def put(self, places: Ints, others: "Edges") -> None:
        """Put `others` into some `places`."""
        self.low[places], self.high[places] = others.low, others.high
        self.areas[places], self.costs[places] = others.areas, others.costs


def mutual_nearest_merges(edges: Edges, n: int, wanted: int, progress: Progress) -> Job[tuple[Ints, Ints]]:
    """Regions to absorb and the regions that absorb them, at most `wanted`; yields `progress`.

    A region that absorbs others is not absorbed in the same round.

    Parameters
    ----------
    edges
        Between n regions, with the cost of merging each.
    n
        Number of regions, including those absorbed earlier.
    wanted
        Merges at most.
    """
    # A region of which any edge is cheap has a cheap one as its cheapest.
    cheap = edges.rows(np.flatnonzero(edges.costs <= _limit(edges.costs, wanted)))
    yield progress
    best = _best_edges(cheap, n)
    yield progress
    numbers = np.arange(len(cheap))
    numbers = numbers[(best[cheap.low] == numbers) & (best[cheap.high] == numbers)]
    absorbed, into = cheap.high[numbers], cheap.low[numbers]
    if len(absorbed) < SCARCE * wanted:
        followers, followed = _followers(cheap, best, absorbed, into)
        absorbed, into = np.concatenate([absorbed, followers]), np.concatenate([into, followed])
    cheapest = np.lexsort((absorbed, cheap.costs[best[absorbed]]))[:wanted]
    return absorbed[cheapest], into[cheapest]


def _best_edges(edges: Edges, n: int) -> Ints:
    """The cheapest edge int64 (n,) of each region, `NONE` where it has none."""
    lowest = np.full(n, np.inf)
    for side in (edges.low, edges.high):
        np.minimum.at(lowest, side, edges.costs)
    shuffled = _shuffled(edge_keys(edges.low, edges.high))
    first = np.full(n, np.iinfo(np.uint64).max, dtype=np.uint64)
    tied = [np.flatnonzero(edges.costs == lowest[side]) for side in (edges.low, edges.high)]
    for side, numbers in zip((edges.low, edges.high), tied, strict=True):
        np.minimum.at(first, side[numbers], shuffled[numbers])
    best = np.full(n, NONE)
    for side, numbers in zip((edges.low, edges.high), tied, strict=True):
        won = numbers[shuffled[numbers] == first[side[numbers]]]
        best[side[won]] = won
    return best


def _shuffled(keys: Ints) -> npt.NDArray[np.uint64]:
    """A fixed pseudo-random tie-break: along a row of equal costs every third edge can then merge in one round."""
    mixed = keys.astype(np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):  # splitmix64 (Steele 2014)
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed


def _limit(costs: Floats, wanted: int) -> float:
    """The highest cost that may merge in this round: the fewer merges are wanted, the lower."""
    sample = costs[:: -(-len(costs) // SAMPLE)]
    rank = min(len(sample) - 1, int(max(MIN_SHARE, wanted / len(costs)) * len(sample)))
    return float(np.partition(sample, rank)[rank])


def _followers(edges: Edges, best: Ints, absorbed: Ints, into: Ints) -> tuple[Ints, Ints]:
    """Regions whose cheapest edge leads to a region that merges in this round, and the region that absorbs both.

    Without them the many small regions around a large one would merge with it one by one.
    """
    partner = np.full(len(best), NONE)
    partner[absorbed], partner[into] = into, into
    regions = np.flatnonzero((best != NONE) & (partner == NONE))
    chosen = best[regions]
    other = partner[edges.low[chosen] + edges.high[chosen] - regions]
    follows = other != NONE
    return regions[follows], other[follows]
