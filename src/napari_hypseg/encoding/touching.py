"""Which regions touch, and by how many faces of voxels: counted slab by slab from the volume of their ids."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.encoding.regions import Axes
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.volumes.volume import LazyArray

Ints = npt.NDArray[np.int64]

VOXELS_AT_ONCE = 1_000_000
KEYS_AT_ONCE = 2_000_000
# A pair of ids (lower, upper) is one number: lower · 2³² + upper.
SHIFT = 32
UPPER = (1 << SHIFT) - 1


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
    parts: list[tuple[Ints, Ints]] = []
    before: npt.NDArray[Any] | None = None
    for stop, piece in _pieces(ids):
        for one, other in _faces(piece, before, axes):
            parts.append(_counted(_keys(one, other)))
            yield Progress("touch", stop, ids.shape[0])
        before = piece[-1:]
    keys, contacts = yield from _joined(parts, Progress("touch", 1, 1))
    return np.stack([keys >> SHIFT, keys & UPPER], axis=1) - 1, contacts


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


def _keys(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> Ints:
    """One number for each face between two different regions."""
    kept = (one != other) & (one > 0) & (other > 0)
    here, there = one[kept].astype(np.int64), other[kept].astype(np.int64)
    return np.asarray((np.minimum(here, there) << SHIFT) + np.maximum(here, there))


def _counted(keys: Ints) -> tuple[Ints, Ints]:
    keys, counts = np.unique(keys, return_counts=True)
    return keys, counts.astype(np.int64)


def _joined(parts: list[tuple[Ints, Ints]], progress: Progress) -> Job[tuple[Ints, Ints]]:
    """All parts as one, ascending; a share of the range of keys at a time."""
    total = sum(len(keys) for keys, _ in parts)
    highest = max((int(keys[-1]) >> SHIFT for keys, _ in parts if len(keys)), default=0)
    bounds = np.linspace(0, highest + 1, total // KEYS_AT_ONCE + 2).astype(np.int64) << SHIFT
    made = []
    for low, high in pairwise(bounds):
        yield progress
        made.append(_summed(*(np.concatenate(p) for p in zip(*_between(parts, low, high), strict=True))))
    return np.concatenate([keys for keys, _ in made]), np.concatenate([counts for _, counts in made])


def _between(parts: list[tuple[Ints, Ints]], low: np.int64, high: np.int64) -> Iterator[tuple[Ints, Ints]]:
    """What each part has of keys in [low, high), and one empty part."""
    yield np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    for keys, counts in parts:
        here = slice(*np.searchsorted(keys, [low, high]))
        yield keys[here], counts[here]


def _summed(keys: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Each key once, ascending, with the sum of its counts."""
    order = np.argsort(keys)
    keys, counts = keys[order], counts[order]
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    return keys[first], np.add.reduceat(counts, first) if len(first) else counts
