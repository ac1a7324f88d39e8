"""The region adjacency graph: pairs of regions that share voxel faces, and the area of their contact."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.supervoxels.edge_keys import Ints, edge_ends, edge_keys, sum_by_key, sum_by_key_job
from napari_hypseg.supervoxels.watershed import Axes
from napari_hypseg.volumes.volume import LazyArray

VOXELS_AT_ONCE = 1_000_000


def region_adjacency(ids: LazyArray, axes: Axes) -> Job[tuple[Ints, Ints]]:
    """Adjacent regions and their contact areas, read slab by slab; yields ``Progress("touch", planes, Z)``.

    Parameters
    ----------
    ids
        uint32 (z, y, x); 0 outside, region i as i + 1, below 2³¹.
    axes
        Along which of (z, y, x) regions are connected, as from `watershed.connected_axes`.

    Returns
    -------
    tuple
        Edges int64 (m, 2), regions counted from 0, the lower number first, in ascending order; and contact areas
        int64 (m,), the number of voxel faces the two share.
    """
    none = np.zeros(0, dtype=np.int64)
    parts = [(none, none)]
    before: npt.NDArray[Any] | None = None
    for stop, piece in _pieces(ids):
        for one, other in _faces(piece, before, axes):
            parts.append(_contact_areas(one, other))
            yield Progress("touch", stop, ids.shape[0])
        before = piece[-1:]
    keys, areas = (np.concatenate(part) for part in zip(*parts, strict=True))
    keys, areas = yield from sum_by_key_job(keys, areas, Progress("touch", 1, 1))
    return np.stack(edge_ends(keys), axis=1) - 1, areas


def _pieces(ids: LazyArray) -> Iterator[tuple[int, npt.NDArray[Any]]]:
    """Planes (z, y, x) from the first to the last, read as thick as the chunks, each with where it ends."""
    depth, plane = ids.shape[0], max(1, int(np.prod(ids.shape[1:])))
    step = max(1, VOXELS_AT_ONCE // plane)
    chunks: Any = getattr(ids, "chunks", None)
    thick = int(chunks[0]) if chunks and isinstance(chunks[0], int) else step
    for z in range(0, depth, thick):
        slab = np.asarray(ids[z : min(depth, z + thick)])
        for start in range(0, len(slab), step):
            piece = slab[start : start + step]
            yield z + start + len(piece), piece


def _faces(
    piece: npt.NDArray[Any], before: npt.NDArray[Any] | None, axes: Axes
) -> Iterator[tuple[npt.NDArray[Any], npt.NDArray[Any]]]:
    """Ids on both sides of all faces of each axis, including those between the plane `before` and the piece."""
    if axes[0] and before is not None:
        yield before, piece[:1]
    for axis in (axis for axis in range(3) if axes[axis]):
        along = piece.swapaxes(0, axis)
        yield along[:-1], along[1:]


def _contact_areas(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> tuple[Ints, Ints]:
    """Keys of the edges between different regions, and how many faces they share."""
    differs = (one != other) & (one > 0) & (other > 0)
    keys = edge_keys(one[differs].astype(np.int64), other[differs].astype(np.int64))
    return sum_by_key(keys, np.ones_like(keys))
