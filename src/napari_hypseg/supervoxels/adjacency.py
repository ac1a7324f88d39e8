"""The region adjacency graph of a box: pairs of regions that share voxel faces, and the area of their contact."""

from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.supervoxels.edge_keys import Ints, edge_keys, sort_keys, sum_by_key
from napari_hypseg.supervoxels.local_ids import LocalIds
from napari_hypseg.supervoxels.watershed import Axes
from napari_hypseg.supervoxels.workspace import CHUNK, tiles
from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.volume import LazyArray

BLOCK = 2 * CHUNK
"""Edge in voxels of what is looked at at once."""
MANY = 46_340
"""Regions of a block, the pairs of which int32 can tell apart."""


def contact_areas(ids: LazyArray, axes: Axes, region: Box, core: Box) -> tuple[Ints, Ints]:
    """The edges between regions that touch in `core`, and how many faces they share there.

    A face belongs to the voxel behind it, so that boxes which cover a volume once count each face once.

    Parameters
    ----------
    ids
        uint32 (z, y, x); 0 outside, region i as i + 1, below 2³¹.
    axes
        Along which of (z, y, x) regions are connected, as from `watershed.connected_axes`.
    region
        Faces towards voxels outside of it are not counted.
    core
        Where faces are counted.

    Returns
    -------
    tuple
        Keys int64 (m,) of pairs of ids, each once and ascending, see `edge_keys`; and contact areas int64 (m,).
    """
    parts = [_of_block(ids, axes, region, block) for block in tiles(core, BLOCK)]
    keys, areas = (np.concatenate(part) for part in zip(*parts, strict=True))
    return (keys, areas) if len(parts) == 1 else sum_by_key(keys, areas)


def _of_block(ids: LazyArray, axes: Axes, region: Box, core: Box) -> tuple[Ints, Ints]:
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
