"""Merging small regions with neighbours of the same kind, until as many are left as can be worked with.

Regions that touch merge, the cheapest pairs first, so that many become one where all is alike and few where there is
fine structure.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

LEAST_SHARE = 0.1
"""Of all pairs, the cheapest that may merge in one round: costs of the others are told again after it."""
SCARCE = 0.02
"""Where fewer than this share of the merges still wanted are found in a round, whole stars merge."""
VALUES_AT_ONCE = 2_000_000
SAMPLE = 1_000_000


def merging_job(features: npt.NDArray[np.float32], sizes: Ints, pairs: Ints, contacts: Ints, target: int) -> Job[Ints]:
    """New number int64 (n,) of each region, 0 … r−1, when only `target` of them are left; in the order of the first.

    A pair costs what merging it adds to the sum of squares (Ward 1963), n1 n2 / (n1 + n2) |f1 − f2|², divided by the
    faces it shares. In every round all pairs merge of which each is the cheapest of the other, if they are among the
    cheapest altogether. The same regions give the same numbers whatever the order of the pairs; of equal costs one is
    picked as if by chance. More than `target` are left where regions do not touch. Yields ``Progress("merge", merged,
    merges wanted)``.

    Parameters
    ----------
    features
        float32 (n, d); means over the voxels of each region.
    sizes
        int64 (n,) >= 1, voxels of each region.
    pairs, contacts
        int64 (m, 2) regions that touch, and int64 (m,) by how many faces, as from `touching.touching`.
    target
        Regions to stop at.
    """
    wanted = max(0, len(sizes) - target)
    graph = _Graph(features.copy(), sizes.astype(np.float64), np.arange(len(sizes)))
    edges = _Edges.of(pairs[:, 0], pairs[:, 1], contacts.astype(np.int64))
    merged = 0
    while merged < wanted and len(edges.contacts):
        progress = Progress("merge", merged, wanted)
        costs = yield from _costs(graph, edges, progress)
        gone, into = _chosen(edges, costs, len(sizes), wanted - merged)
        if not len(gone):
            break
        yield progress
        graph.merge(gone, into)
        merged += len(gone)
        yield progress
        edges = edges.after(graph.place)
    return graph.numbers()


@dataclass(eq=False)
class _Graph:
    """Regions with mean and size, and where each has gone: `place` (n,) names the one it is part of now."""

    means: npt.NDArray[np.float32]
    sizes: Floats
    place: Ints

    def merge(self, gone: Ints, into: Ints) -> None:
        """Let regions `gone` be part of those that stay; several may go into one."""
        order = np.lexsort((gone, into))
        gone, into = gone[order], into[order]
        starts = np.flatnonzero(np.diff(into, prepend=-1))
        stay = into[starts]
        added = np.add.reduceat(self.sizes[gone], starts)
        total = np.add.reduceat(self.sizes[gone, None] * self.means[gone], starts, axis=0)
        self.means[stay] = (self.sizes[stay, None] * self.means[stay] + total) / (self.sizes[stay] + added)[:, None]
        self.sizes[stay] += added
        step = np.arange(len(self.place))
        step[gone] = into
        self.place = step[self.place]

    def numbers(self) -> Ints:
        """Number (n,) of the region that each is part of, in the order of their first parts."""
        _, first, inverse = np.unique(self.place, return_index=True, return_inverse=True)
        return np.argsort(np.argsort(first))[inverse]


@dataclass(frozen=True, eq=False)
class _Edges:
    """Touching regions, each pair once in ascending order: int64 (m,) `low` < `high`, and `contacts`."""

    low: Ints
    high: Ints
    contacts: Ints

    @classmethod
    def of(cls, one: Ints, other: Ints, contacts: Ints) -> "_Edges":
        """Pairs in any order, any number of times, those of a region with itself left out."""
        kept = one != other
        one, other, contacts = one[kept], other[kept], contacts[kept]
        low, high = np.minimum(one, other), np.maximum(one, other)
        keys = (low << 32) + high
        order = np.argsort(keys)
        first = np.flatnonzero(np.diff(keys[order], prepend=-1))
        unique = order[first]
        summed = np.add.reduceat(contacts[order], first) if len(first) else contacts
        return cls(low[unique], high[unique], summed)

    def after(self, place: Ints) -> "_Edges":
        """The pairs when regions have gone to their `place`."""
        return self.of(place[self.low], place[self.high], self.contacts)


def _costs(graph: _Graph, edges: _Edges, progress: Progress) -> Job[Floats]:
    costs = np.empty(len(edges.contacts))
    for rows in _blocks(len(costs), graph.means.shape[1]):
        low, high = edges.low[rows], edges.high[rows]
        squares = np.square(graph.means[low] - graph.means[high]).sum(axis=1, dtype=np.float64)
        n, m = graph.sizes[low], graph.sizes[high]
        costs[rows] = n * m / (n + m) * squares / edges.contacts[rows]
        yield progress
    return costs


def _blocks(n: int, width: int) -> Iterator[slice]:
    rows = max(1, VALUES_AT_ONCE // max(1, width))
    return (slice(start, start + rows) for start in range(0, n, rows))


def _chosen(edges: _Edges, costs: Floats, n: int, wanted: int) -> tuple[Ints, Ints]:
    """Regions that go and those that they go into, at most `wanted`, never both for one region."""
    best = _best_edges(edges, costs, n)
    cheap = costs <= _limit(costs, wanted)
    numbers = np.arange(len(costs))
    mutual = cheap & (best[edges.low] == numbers) & (best[edges.high] == numbers)
    gone, into, price = edges.high[mutual], edges.low[mutual], costs[mutual]
    if len(gone) < SCARCE * wanted:
        more = _followers(edges, cheap, best, gone, into)
        gone, into, price = (
            np.concatenate(both) for both in zip((gone, into, price), (*more[:2], costs[more[2]]), strict=True)
        )
    cheapest = np.lexsort((gone, price))[:wanted]
    return gone[cheapest], into[cheapest]


def _best_edges(edges: _Edges, costs: Floats, n: int) -> Ints:
    """The cheapest edge int64 (n,) of each region, −1 where it has none."""
    lowest = np.full(n, np.inf)
    np.minimum.at(lowest, edges.low, costs)
    np.minimum.at(lowest, edges.high, costs)
    ends = [
        (side[cheapest], cheapest)
        for side in (edges.low, edges.high)
        for cheapest in [np.flatnonzero(costs == lowest[side])]
    ]
    regions, numbers = (np.concatenate(part) for part in zip(*ends, strict=True))
    ranks = _shuffled(numbers)
    first = np.full(n, np.iinfo(np.uint64).max, dtype=np.uint64)
    np.minimum.at(first, regions, ranks)
    won = ranks == first[regions]
    best = np.full(n, -1)
    best[regions[won]] = numbers[won]
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
    rank = int(max(LEAST_SHARE, wanted / len(costs)) * len(sample))
    return float(np.partition(sample, min(rank, len(sample) - 1))[min(rank, len(sample) - 1)])


def _followers(
    edges: _Edges, cheap: npt.NDArray[np.bool_], best: Ints, gone: Ints, into: Ints
) -> tuple[Ints, Ints, Ints]:
    """Regions whose cheapest pair is with one that merges: they, what they go into, and the pairs.

    Without them the many small regions around a large one would merge with it one by one.
    """
    pair = np.full(len(best), -1)
    pair[gone], pair[into] = into, into
    regions = np.flatnonzero((best >= 0) & (pair < 0))
    chosen = best[regions]
    other = pair[edges.low[chosen] + edges.high[chosen] - regions]
    kept = (other >= 0) & cheap[chosen]
    return regions[kept], other[kept], chosen[kept]
