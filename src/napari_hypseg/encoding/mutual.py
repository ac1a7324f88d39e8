"""Which regions merge in one round: pairs of which each is the best of the other, among the cheapest altogether."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from napari_hypseg.encoding.pairs import Ints
from napari_hypseg.jobs import Job, Progress

Floats = npt.NDArray[np.float64]

LEAST_SHARE = 0.1
"""Of all pairs, the cheapest that may merge in one round: costs of the others are told again after it."""
SCARCE = 0.05
"""Where fewer than this share of the merges still wanted are found in a round, whole stars merge."""
SAMPLE = 1_000_000
NONE = -1


@dataclass(frozen=True, eq=False)
class Edges:
    """Touching regions, each pair once in ascending order: int64 (m,) `low` < `high`, and `contacts`, their faces."""

    low: Ints
    high: Ints
    contacts: Ints


def mutual_merges(edges: Edges, costs: Floats, n: int, wanted: int, progress: Progress) -> Job[tuple[Ints, Ints]]:
    """Regions that go and regions that they go into, at most `wanted`, none of which goes itself; yields `progress`.

    Parameters
    ----------
    edges, costs
        m pairs of n regions and what merging each costs.
    n
        Number of regions, those that went before included.
    wanted
        Merges at most.
    """
    best = yield from _best_edges(edges, costs, n, progress)
    cheap = costs <= _limit(costs, wanted)
    yield progress
    numbers = np.flatnonzero(cheap)
    numbers = numbers[(best[edges.low[numbers]] == numbers) & (best[edges.high[numbers]] == numbers)]
    gone, into = edges.high[numbers], edges.low[numbers]
    if len(gone) < SCARCE * wanted:
        followers, followed = _followers(edges, cheap, best, gone, into)
        gone, into = np.concatenate([gone, followers]), np.concatenate([into, followed])
    cheapest = np.lexsort((gone, costs[best[gone]]))[:wanted]
    return gone[cheapest], into[cheapest]


def _best_edges(edges: Edges, costs: Floats, n: int, progress: Progress) -> Job[Ints]:
    """The cheapest edge int64 (n,) of each region, `NONE` where it has none."""
    lowest = np.full(n, np.inf)
    for side in (edges.low, edges.high):
        np.minimum.at(lowest, side, costs)
        yield progress
    first = np.full(n, np.iinfo(np.uint64).max, dtype=np.uint64)
    for side in (edges.low, edges.high):
        numbers = np.flatnonzero(costs == lowest[side])
        np.minimum.at(first, side[numbers], _shuffled(numbers))
        yield progress
    best = np.full(n, NONE)
    for side in (edges.low, edges.high):
        numbers = np.flatnonzero(costs == lowest[side])
        won = numbers[_shuffled(numbers) == first[side[numbers]]]
        best[side[won]] = won
        yield progress
    return best


def _shuffled(numbers: Ints) -> npt.NDArray[np.uint64]:
    """Different numbers for different numbers, in no order: along a row of equal costs every third pair can merge."""
    mixed = numbers.astype(np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):  # splitmix64 (Steele 2014)
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed


def _limit(costs: Floats, wanted: int) -> float:
    """The highest cost of this round: with fewer merges wanted fewer pairs are cheap enough."""
    sample = costs[:: -(-len(costs) // SAMPLE)]
    rank = min(len(sample) - 1, int(max(LEAST_SHARE, wanted / len(costs)) * len(sample)))
    return float(np.partition(sample, rank)[rank])


def _followers(edges: Edges, cheap: npt.NDArray[np.bool_], best: Ints, gone: Ints, into: Ints) -> tuple[Ints, Ints]:
    """Regions whose cheapest pair is with one that merges, and what they go into.

    Without them the many small regions around a large one would merge with it one by one.
    """
    pair = np.full(len(best), NONE)
    pair[gone], pair[into] = into, into
    regions = np.flatnonzero((best != NONE) & (pair == NONE))
    chosen = best[regions]
    other = pair[edges.low[chosen] + edges.high[chosen] - regions]
    kept = (other != NONE) & cheap[chosen]
    return regions[kept], other[kept]
