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
VOXELS_READ = 8_000_000
"""Voxels of a strip of rows that is read at once, about; a volume may be wide."""
EDGES_HELD = 4_000_000
"""Edges of single pieces that are held before equal ones are summed."""


def region_adjacency(ids: LazyArray, axes: Axes) -> Job[tuple[Ints, Ints]]:
    """Adjacent regions and their contact areas, read strip by strip; yields ``Progress("touch", planes, Z)``.

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
    held, most = [(none, none)], EDGES_HELD
    for done, piece in _pieces(ids, axes):
        progress = Progress("touch", done, ids.shape[0])
        for one, other in piece:
            held.append(_contact_areas(one, other))
            yield progress
        if sum(len(keys) for keys, _ in held) > most:
            held = [(yield from _summed(held, progress))]
            most = max(EDGES_HELD, 2 * len(held[0][0]))
    keys, areas = yield from _summed(held, Progress("touch", 1, 1))
    return np.stack(edge_ends(keys), axis=1) - 1, areas


def _summed(held: list[tuple[Ints, Ints]], progress: Progress) -> Job[tuple[Ints, Ints]]:
    keys, areas = (np.concatenate(part) for part in zip(*held, strict=True))
    return (yield from sum_by_key_job(keys, areas, progress))


Faces = Iterator[tuple[npt.NDArray[Any], npt.NDArray[Any]]]
"""Ids on both sides of faces."""


def _pieces(ids: LazyArray, axes: Axes) -> Iterator[tuple[float, Faces]]:
    """The faces of all pieces of a volume, read strip by strip as thick as the chunks, and the planes done so far."""
    depth, height = ids.shape[:2]
    thick, tall = _strip(ids)
    below: npt.NDArray[Any] | None = None
    for z in range(0, depth, thick):
        top: list[npt.NDArray[Any]] = []
        row: npt.NDArray[Any] | None = None
        for y in range(0, height, tall):
            strip = np.asarray(ids[z : min(depth, z + thick), y : min(height, y + tall)])
            step = max(1, VOXELS_AT_ONCE // max(1, strip[0].size))
            before = None if below is None else below[:, y : y + tall]
            for start in range(0, len(strip), step):
                piece = strip[start : start + step]
                left = None if row is None else row[start : start + step]
                share = (y + strip.shape[1]) / height * (start + len(piece))
                yield z + share, _faces(piece, before, left, axes)
                before = piece[-1:]
            row = strip[:, -1:]
            top.append(strip[-1:])
        below = np.concatenate(top, axis=1)


def _strip(ids: LazyArray) -> tuple[int, int]:
    """Planes and rows of a strip: whole chunks, where the array has chunks."""
    width = max(1, ids.shape[2])
    chunks: Any = getattr(ids, "chunks", None)
    if not (chunks and isinstance(chunks[0], int)):
        step = max(1, VOXELS_AT_ONCE // max(1, ids.shape[1] * width))
        return step, max(1, VOXELS_AT_ONCE // width)
    thick, tall, _ = map(int, chunks)
    return thick, tall * max(1, VOXELS_READ // (thick * tall * width))


def _faces(
    piece: npt.NDArray[Any], before: npt.NDArray[Any] | None, left: npt.NDArray[Any] | None, axes: Axes
) -> Faces:
    """Faces of each axis, including those to the plane `before` the piece and to the row `left` of it."""
    if axes[0] and before is not None:
        yield before, piece[:1]
    if axes[1] and left is not None:
        yield left, piece[:, :1]
    for axis in (axis for axis in range(3) if axes[axis]):
        along = piece.swapaxes(0, axis)
        yield along[:-1], along[1:]


def _contact_areas(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> tuple[Ints, Ints]:
    """Keys of the edges between different regions, and how many faces they share."""
    differs = (one != other) & (one > 0) & (other > 0)
    keys = edge_keys(one[differs].astype(np.int64), other[differs].astype(np.int64))
    return sum_by_key(keys, np.ones_like(keys))
