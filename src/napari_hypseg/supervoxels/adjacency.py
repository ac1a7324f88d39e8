"""The region adjacency graph: pairs of regions that share voxel faces, and the area of their contact."""

from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.jobs.worker_pool import worker_pool
from napari_hypseg.supervoxels.edge_keys import Ints, edge_ends, edge_keys, sort_keys, sum_by_key, sum_by_key_job
from napari_hypseg.supervoxels.local_ids import LocalIds
from napari_hypseg.supervoxels.watershed import Axes
from napari_hypseg.supervoxels.workspace import CHUNK, tiles
from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.volume import LazyArray

BLOCK = 2 * CHUNK
"""Edge in voxels of what is looked at at once."""
EDGES_HELD = 4_000_000
"""Edges of single blocks that are held before equal ones are summed."""

MANY = 46_340
"""Regions of a block, the pairs of which int32 can tell apart."""


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
    here = LocalIds.of(np.asarray(ids[outer.slices]))
    count = len(here.distinct)
    numbers = here.numbers.astype(np.int32 if count <= MANY else np.int64, copy=False)
    margin = [a - b for a, b in zip(core.start, outer.start, strict=True)]
    keys = [numbers[:0, 0, 0]]
    for axis in (axis for axis in range(3) if axes[axis]):
        inner = numbers[tuple(slice(0 if other == axis else n, None) for other, n in enumerate(margin))]
        keys.append(_edges_along(inner.swapaxes(0, axis), count))
    every, _ = sort_keys(np.concatenate(keys))
    first = np.flatnonzero(np.diff(every, prepend=-1))
    low, high = np.divmod(every[first], count)
    return edge_keys(here.distinct[low], here.distinct[high]), np.diff(first, append=len(every))


def _edges_along(numbers: npt.NDArray[Any], count: int) -> npt.NDArray[Any]:
    """The key of each face between planes (n, a, b) with different regions on both sides: lower · `count` + higher."""
    keys = np.minimum(numbers[:-1], numbers[1:])
    higher = np.maximum(numbers[:-1], numbers[1:])
    differs = keys != higher
    if not numbers.all():
        differs &= keys > 0
    keys *= count
    keys += higher
    return np.asarray(keys[differs])
