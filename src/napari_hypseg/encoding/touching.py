"""Which regions touch, and by how many faces of voxels: counted slab by slab from the volume of their ids."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.encoding.pairs import Ints, pair_ends, pair_keys, summed, summing
from napari_hypseg.encoding.regions import Axes
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.volumes.volume import LazyArray

VOXELS_AT_ONCE = 1_000_000


def touching(ids: LazyArray, axes: Axes) -> Job[tuple[Ints, Ints]]:
    """Pairs of regions that share faces, and how many; yields ``Progress("touch", planes, Z)``.

    Parameters
    ----------
    ids
        uint32 (z, y, x); 0 outside, region i as i + 1, below 2³¹.
    axes
        Along which of (z, y, x) regions can touch, as from `regions.followed_axes`.

    Returns
    -------
    tuple
        Pairs int64 (m, 2), regions counted from 0, the lower number first, in ascending order; and contacts
        int64 (m,), their common faces.
    """
    none = np.zeros(0, dtype=np.int64)
    parts = [(none, none)]
    before: npt.NDArray[Any] | None = None
    for stop, piece in _pieces(ids):
        for one, other in _faces(piece, before, axes):
            parts.append(_counted(one, other))
            yield Progress("touch", stop, ids.shape[0])
        before = piece[-1:]
    keys, contacts = (np.concatenate(part) for part in zip(*parts, strict=True))
    keys, contacts = yield from summing(keys, contacts, Progress("touch", 1, 1))
    return np.stack(pair_ends(keys), axis=1) - 1, contacts


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
    """Ids on both sides of all faces of each axis, those towards the plane `before` the piece included."""
    if axes[0] and before is not None:
        yield before, piece[:1]
    for axis in (axis for axis in range(3) if axes[axis]):
        along = piece.swapaxes(0, axis)
        yield along[:-1], along[1:]


def _counted(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> tuple[Ints, Ints]:
    """Keys of the pairs of different regions and how many faces they share."""
    kept = (one != other) & (one > 0) & (other > 0)
    keys = pair_keys(one[kept].astype(np.int64), other[kept].astype(np.int64))
    return summed(keys, np.ones_like(keys))
