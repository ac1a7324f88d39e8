"""Merging small regions with neighbours of the same kind, until as many are left as can be worked with.

Regions that touch merge, the cheapest pairs first, so that many become one where all is alike and few where there is
fine structure.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from napari_hypseg.encoding.mutual import Edges, Floats, mutual_merges
from napari_hypseg.encoding.pairs import Ints, pair_ends, pair_keys, summing
from napari_hypseg.jobs import Job, Progress

VALUES_AT_ONCE = 2_000_000
PAIRS_AT_ONCE = 2_000_000


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
        float32 (n, d), finite; means over the voxels of each region.
    sizes
        int64 (n,) >= 1, voxels of each region.
    pairs, contacts
        int64 (m, 2) regions that touch, and int64 (m,) by how many faces, as from `touching.touching`.
    target
        Regions to stop at.
    """
    wanted = max(0, len(sizes) - target)
    graph = _Graph(features.copy(), sizes.astype(np.float64), np.arange(len(sizes)))
    edges = yield from _edges(pairs[:, 0], pairs[:, 1], contacts, graph.place, Progress("merge", 0, wanted))
    merged = 0
    while merged < wanted and len(edges.contacts):
        progress = Progress("merge", merged, wanted)
        costs = yield from _costs(graph, edges, progress)
        gone, into = yield from mutual_merges(edges, costs, len(sizes), wanted - merged, progress)
        yield progress
        moved = graph.merge(gone, into)
        merged += len(gone)
        yield progress
        edges = yield from _edges(edges.low, edges.high, edges.contacts, moved, progress)
    return graph.numbers()


@dataclass(eq=False)
class _Graph:
    """Regions with mean and size, and where each has gone: `place` (n,) names the one it is part of now."""

    means: npt.NDArray[np.float32]
    sizes: Floats
    place: Ints

    def merge(self, gone: Ints, into: Ints) -> Ints:
        """Let regions `gone` be part of others, several perhaps of one; what each region (n,) is part of then."""
        order = np.lexsort((gone, into))
        gone, into = gone[order], into[order]
        starts = np.flatnonzero(np.diff(into, prepend=-1))
        kept = into[starts]
        added = np.add.reduceat(self.sizes[gone], starts)
        sums = np.add.reduceat(self.sizes[gone, None] * self.means[gone], starts, axis=0)
        self.means[kept] = (self.sizes[kept, None] * self.means[kept] + sums) / (self.sizes[kept] + added)[:, None]
        self.sizes[kept] += added
        moved = np.arange(len(self.place))
        moved[gone] = into
        self.place = moved[self.place]
        return moved

    def numbers(self) -> Ints:
        """Number (n,) of the region that each is part of, in the order of their first parts."""
        parts = np.arange(len(self.place))
        first = np.full(len(parts), len(parts))
        np.minimum.at(first, self.place, parts)
        first = first[self.place]
        numbers: Ints = (np.cumsum(first == parts) - 1)[first]
        return numbers


def _edges(one: Ints, other: Ints, contacts: Ints, moved: Ints, progress: Progress) -> Job[Edges]:
    """Pairs given in any order, any number of times, when regions have `moved`; those within one are left out."""
    keys, faces = [one[:0]], [contacts[:0]]
    for start in range(0, len(one), PAIRS_AT_ONCE):
        rows = slice(start, start + PAIRS_AT_ONCE)
        here, there = moved[one[rows]], moved[other[rows]]
        apart = here != there
        keys.append(pair_keys(here[apart], there[apart]))
        faces.append(contacts[rows][apart])
        yield progress
    every, summed = yield from summing(np.concatenate(keys), np.concatenate(faces), progress)
    return Edges(*pair_ends(every), summed)


def _costs(graph: _Graph, edges: Edges, progress: Progress) -> Job[Floats]:
    costs = np.empty(len(edges.contacts))
    step = max(1, VALUES_AT_ONCE // max(1, graph.means.shape[1]))
    for start in range(0, len(costs), step):
        rows = slice(start, start + step)
        low, high = edges.low[rows], edges.high[rows]
        squares = np.square(graph.means[low] - graph.means[high]).sum(axis=1, dtype=np.float64)
        n, m = graph.sizes[low], graph.sizes[high]
        costs[rows] = n * m / (n + m) * squares / edges.contacts[rows]
        yield progress
    return costs
