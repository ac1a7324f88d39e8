"""Merging the nodes of a region adjacency graph by similarity, down to a target number.

Only adjacent regions merge, the cheapest edges first, so that homogeneous parts of a volume become few large regions
and finely structured parts stay many small ones.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.supervoxels.edge_keys import Ints, edge_ends, edge_keys, sum_by_key_job
from napari_hypseg.supervoxels.mutual_nearest import Edges, Floats, mutual_nearest_merges

VALUES_AT_ONCE = 2_000_000
EDGES_AT_ONCE = 2_000_000


def merge_graph(features: npt.NDArray[np.float32], sizes: Ints, edges: Ints, areas: Ints, target: int) -> Job[Ints]:
    """The merged region int64 (n,), 0 … r−1, of each region when `target` are left; numbered by their first parts.

    The cost of an edge is the increase of the sum of squares (Ward 1963), n1 n2 / (n1 + n2) |f1 − f2|², divided by the
    contact area. In every round all edges merge whose ends are each other's cheapest neighbours, if they are among the
    cheapest of all. The result does not depend on the order of the edges; ties are broken pseudo-randomly. More than
    `target` are left where the graph is not connected. Yields ``Progress("merge", merged, merges wanted)``.

    Parameters
    ----------
    features
        float32 (n, d), finite; means over the voxels of each region.
    sizes
        int64 (n,) >= 1, voxels of each region.
    edges, areas
        int64 (m, 2) adjacent regions, and int64 (m,) contact areas in faces, as from `adjacency.region_adjacency`.
    target
        Number of regions to stop at.
    """
    wanted = max(0, len(sizes) - target)
    graph = _Graph(features.copy(), sizes.astype(np.float64), np.arange(len(sizes)))
    left = yield from _edges(graph, edges[:, 0], edges[:, 1], areas, Progress("merge", 0, wanted))
    merged = 0
    while merged < wanted and len(left):
        progress = Progress("merge", merged, wanted)
        absorbed, into = yield from mutual_nearest_merges(left, len(sizes), wanted - merged, progress)
        graph.merge(absorbed, into)
        merged += len(absorbed)
        yield progress
        changed = np.zeros(len(sizes), dtype=np.bool_)
        changed[absorbed], changed[into] = True, True
        left = yield from _updated(graph, left, changed, progress)
    return graph.numbers()


@dataclass(eq=False)
class _Graph:
    """Regions with mean and size; `region` (n,) is the region that each original one is a part of now."""

    means: npt.NDArray[np.float32]
    sizes: Floats
    region: Ints

    def merge(self, absorbed: Ints, into: Ints) -> None:
        """Let regions `absorbed` be part of others, several perhaps of one."""
        order = np.lexsort((absorbed, into))
        absorbed, into = absorbed[order], into[order]
        starts = np.flatnonzero(np.diff(into, prepend=-1))
        kept = into[starts]
        added = np.add.reduceat(self.sizes[absorbed], starts)
        sums = np.add.reduceat(self.sizes[absorbed, None] * self.means[absorbed], starts, axis=0)
        self.means[kept] = (self.sizes[kept, None] * self.means[kept] + sums) / (self.sizes[kept] + added)[:, None]
        self.sizes[kept] += added
        relabelling = np.arange(len(self.region))
        relabelling[absorbed] = into
        self.region = relabelling[self.region]

    def numbers(self) -> Ints:
        """Consecutive number (n,) of the region that each original one is part of, in the order of first parts."""
        parts = np.arange(len(self.region))
        first = np.full(len(parts), len(parts))
        np.minimum.at(first, self.region, parts)
        first = first[self.region]
        numbers: Ints = (np.cumsum(first == parts) - 1)[first]
        return numbers


def _edges(graph: _Graph, one: Ints, other: Ints, areas: Ints, progress: Progress) -> Job[Edges]:
    """Edges between what regions are part of now, parallel ones summed and loops left out; given in any order."""
    keys, faces = [one[:0]], [areas[:0]]
    for start in range(0, len(one), EDGES_AT_ONCE):
        rows = slice(start, start + EDGES_AT_ONCE)
        here, there = graph.region[one[rows]], graph.region[other[rows]]
        apart = here != there
        keys.append(edge_keys(here[apart], there[apart]))
        faces.append(areas[rows][apart])
        yield progress
    every, sums = yield from sum_by_key_job(np.concatenate(keys), np.concatenate(faces), progress)
    low, high = edge_ends(every)
    return Edges(low, high, sums, (yield from _costs(graph, low, high, sums, progress)))


def _updated(graph: _Graph, edges: Edges, changed: npt.NDArray[np.bool_], progress: Progress) -> Job[Edges]:
    """The edges after regions have `changed` (n,): the others stay, in the very arrays of `edges`."""
    stale = np.flatnonzero(changed[edges.low] | changed[edges.high])
    yield progress
    new = yield from _edges(graph, edges.low[stale], edges.high[stale], edges.areas[stale], progress)
    # New edges, never more than stale ones, take the places of these; what is last fills the places that are left.
    edges.put(stale[: len(new)], new)
    free = stale[len(new) :]
    count = len(edges) - len(free)
    last = np.ones(len(free), dtype=np.bool_)
    last[free[free >= count] - count] = False
    edges.put(free[free < count], edges.rows(count + np.flatnonzero(last)))
    return edges.rows(slice(count))


def _costs(graph: _Graph, low: Ints, high: Ints, areas: Ints, progress: Progress) -> Job[Floats]:
    """The cost float64 (m,) of merging the ends `low` and `high` of each edge."""
    means, costs = torch.from_numpy(graph.means), np.empty(len(areas))
    step = max(1, VALUES_AT_ONCE // max(1, graph.means.shape[1]))
    for start in range(0, len(costs), step):
        rows = slice(start, start + step)
        # NumPy takes five times as long for so short rows.
        ends = (means.index_select(0, torch.from_numpy(end[rows])) for end in (low, high))
        apart = torch.sub(*ends).numpy()
        squares = np.einsum("ed,ed->e", apart, apart, dtype=np.float64)
        n, m = graph.sizes[low[rows]], graph.sizes[high[rows]]
        costs[rows] = n * m / (n + m) * squares / areas[rows]
        yield progress
    return costs
