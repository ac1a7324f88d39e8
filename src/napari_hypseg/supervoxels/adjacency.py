"""The region adjacency graph: pairs of regions that share voxel faces, and the area of their contact."""

from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.jobs.worker_pool import worker_pool
from napari_hypseg.supervoxels.edge_keys import Ints, edge_ends, edge_keys, sum_by_key, sum_by_key_job
from napari_hypseg.supervoxels.watershed import Axes
from napari_hypseg.supervoxels.workspace import CHUNK, tiles
from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.volume import LazyArray

BLOCK = 2 * CHUNK
"""Edge in voxels of what is looked at at once."""
EDGES_HELD = 4_000_000
"""Edges of single blocks that are held before equal ones are summed."""


class _EdgeSums:
    """Keys of edges with their areas, of which equal ones are summed before they are too many."""

    def __init__(self) -> None:
        none = np.zeros(0, dtype=np.int64)
        self._held, self._count, self._most = [(none, none)], 0, EDGES_HELD

    def add(self, part: tuple[Ints, Ints]) -> None:
        """Add the edges of a block."""
        self._held.append(part)
        self._count += len(part[0])
        if self._count > self._most:
            self._held = [sum_by_key(*self._concatenated())]
            self._count = len(self._held[0][0])
            self._most = max(EDGES_HELD, 2 * self._count)

    def total(self, progress: Progress) -> Job[tuple[Ints, Ints]]:
        """Each key once, ascending, with its area."""
        return (yield from sum_by_key_job(*self._concatenated(), progress))

    def _concatenated(self) -> tuple[Ints, Ints]:
        keys, areas = (np.concatenate(part) for part in zip(*self._held, strict=True))
        return keys, areas


def region_adjacency(ids: LazyArray, axes: Axes, region: Box | None = None) -> Job[tuple[Ints, Ints]]:
    """Adjacent regions and their contact areas, read block by block; yields ``Progress("touch", blocks, all blocks)``.

    Parameters
    ----------
    ids
        uint32 (z, y, x); 0 outside, region i as i + 1, below 2³¹.
    axes
        Along which of (z, y, x) regions are connected, as from `watershed.connected_axes`.

    region
        Where faces are counted; everywhere if not said.

    Returns
    -------
    tuple
        Edges int64 (m, 2), regions counted from 0, the lower number first, in ascending order; and contact areas
        int64 (m,), the number of voxel faces the two share.
    """
    whole = Box.whole(ids.shape) if region is None else region
    blocks, sums = list(tiles(whole, BLOCK)), _EdgeSums()
    compute = partial(_contact_areas, ids, axes, whole)
    with worker_pool() as pool:
        yield from pool.map(compute, blocks, sums.add, lambda done: Progress("touch", done, len(blocks)))
    keys, areas = yield from sums.total(Progress("touch", 1, 1))
    return np.stack(edge_ends(keys), axis=1) - 1, areas


def _contact_areas(ids: LazyArray, axes: Axes, region: Box, core: Box) -> tuple[Ints, Ints]:
    """Keys of the edges between different regions, and how many of the faces before voxels of `core` they share."""
    z, y, x = (1 if connected else 0 for connected in axes)
    outer = Box(core.grow((z, y, x)).start, core.stop).intersect(region)
    here = np.asarray(ids[outer.slices])
    margin = [a - b for a, b in zip(core.start, outer.start, strict=True)]
    keys = [np.zeros(0, dtype=np.int64)]
    for axis in (axis for axis in range(3) if axes[axis]):
        inner = here[tuple(slice(0 if other == axis else n, None) for other, n in enumerate(margin))]
        keys.append(_edges_along(inner.swapaxes(0, axis)))
    every = np.sort(np.concatenate(keys))
    first = np.flatnonzero(np.diff(every, prepend=-1))
    return every[first], np.diff(first, append=len(every))


def _edges_along(ids: npt.NDArray[Any]) -> Ints:
    """The key of each face between planes (n, a, b) that has different regions on both sides."""
    differs = ids[:-1] != ids[1:]
    one, other = ids[:-1][differs], ids[1:][differs]
    inside = (one > 0) & (other > 0)
    return edge_keys(one[inside].astype(np.int64), other[inside].astype(np.int64))
