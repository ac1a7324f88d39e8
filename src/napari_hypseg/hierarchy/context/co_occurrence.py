"""Spatial co-occurrence: how often the leaves of each context word lie at given distances from the voxels of a leaf.

Parts of one whole have similar contexts whatever their features are. Compared by the information bottleneck (Slonim
and Tishby 1999), contexts bring containment into the tree, as the triplet loss of Hsu et al. (2021) does.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.volumes import Box, LazyArray, iter_blocks
from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.volume import Vector3

if TYPE_CHECKING:
    from napari_hypseg.inference.memory_fallback import MemoryFallback
    from napari_hypseg.inference.point_source import SpecimenSource

Ints = npt.NDArray[np.int64]
Column = npt.NDArray[np.int32]

DISTANCES = (4, 8, 16)
"""Distances in edges of the finest voxel at which co-occurrence is counted."""

BLOCK = 96
PAIRS_HELD = 2**19
"""Pairs of leaves of which a table fits into a cache: each pair of voxels is then counted once for both."""
ANYWHERE: Index3 = (1, 1, 1)


def co_occurrence(
    fallback: "MemoryFallback[SpecimenSource]", ids: Sequence[LazyArray], words: Ints, n_words: int, n_leaves: int
) -> Job[npt.NDArray[np.float64]]:
    """Count the context words 4, 8 and 16 finest-voxel edges from the voxels of each leaf, along each axis, both ways.

    Read block by block, so that memory does not grow with the volumes; the blocks do not change the result. Axes along
    which a distance is less than half a voxel are left out, so that of anisotropic volumes only the fine axes count.
    Yields `Progress` of the stage ``"context"``.

    Parameters
    ----------
    fallback
        The sources of the specimens, whose voxel sizes are looked at.
    ids
        Leaf ids (z, y, x) of each specimen; 0 outside, leaf i as i + 1.
    words
        int64 (K,); the context word of each leaf, from 0; see `context_vocabulary`.
    n_words
        Number of words W.
    n_leaves
        Number of leaves K.

    Returns
    -------
    numpy.ndarray
        float64 (K, 3·W); the distributions of words at the three distances concatenated, each a third of the row and
        uniform where no word was found. Rows sum to 1.
    """
    few = (n_leaves + 1) ** 2 <= PAIRS_HELD
    columns = np.arange(n_leaves + 1) if few else np.append(0, words + 1)
    counts = np.zeros((len(DISTANCES), n_leaves + 1, int(columns.max()) + 1), dtype=np.int64)
    blocks = [list(_blocks(array)) for array in ids]
    ends = np.cumsum([0, *map(len, blocks)])

    def take(part: tuple[Ints, Ints]) -> None:
        places, found = part
        counts.ravel()[places] += found

    def progress(done: int) -> Progress:
        return Progress("context", float(np.interp(done, ends, np.arange(len(ends)))), len(ids))

    plan = [(index, core) for index, some in enumerate(blocks) for core in some]
    count = partial(_count, ids, counts.shape, None if few else columns.astype(np.int32))
    yield from fallback.spread(plan, count, take, progress)
    return _distributions(_by_word(counts, words, n_words) if few else counts[:, 1:, 1:])


def _blocks(array: LazyArray) -> Iterator[Box]:
    return (block.core for block in iter_blocks(Box.whole(array.shape), (BLOCK,) * 3, (0, 0, 0), ANYWHERE))


def _steps(reach: int, voxel_size: Vector3) -> Iterator[Index3]:
    """Steps in voxels (z, y, x) along each axis whose voxels are not longer than the step."""
    for axis, edge in enumerate(voxel_size):
        length = round(reach * min(voxel_size) / edge)
        if length:
            z, y, x = (length if other == axis else 0 for other in range(3))
            yield z, y, x


def _count(
    ids: Sequence[LazyArray], shape: Index3, columns: Column | None, source: "SpecimenSource", index: int, core: Box
) -> tuple[Ints, Ints]:
    """Counts of the pairs of voxels a step apart, of which the first is in `core`: flat places in `shape`, and counts.

    Of `columns` (K+1,), both ways: the column of either voxel in the row of the other's leaf. Without them, one way:
    the leaf of the second in the row of that of the first. A function of plain data.
    """
    array, steps = ids[index], [list(_steps(reach, source.specimen.volume.voxel_size)) for reach in DISTANCES]
    counts = np.zeros(shape, dtype=np.int64)
    _, rows, width = shape
    z, y, x = (max(step[axis] for near in steps for step in near) if any(steps) else 0 for axis in range(3))
    outer = Box(core.start, core.grow((z, y, x)).stop).intersect(Box.whole(array.shape))
    leaves = np.asarray(array[outer.slices]).astype(np.int32)
    inner = Box((0, 0, 0), core.shape)
    for counted, near in zip(counts, steps, strict=True):
        for step in near:
            there = inner.shift(step).intersect(Box((0, 0, 0), outer.shape))
            if any(a >= b for a, b in zip(there.start, there.stop, strict=True)):
                continue  # the grid ends before
            z, y, x = (-n for n in step)
            pair = leaves[there.shift((z, y, x)).slices], leaves[there.slices]
            for here, other in (pair,) if columns is None else (pair, pair[::-1]):
                found = other if columns is None else columns[other]
                places = (here * np.int32(width) + found).ravel()
                counted += np.bincount(places, minlength=rows * width).reshape(rows, width)
    occurring = np.flatnonzero(counts)  # most leaves do not occur in a block
    return occurring, counts.ravel()[occurring]


def _by_word(pairs: Ints, words: Ints, n_words: int) -> Ints:
    """Counts (3, K, W) both ways from those of pairs of leaves (3, K+1, K+1) one way."""
    both = (pairs + pairs.transpose(0, 2, 1))[:, 1:, 1:]
    counts = np.zeros((len(both), n_words, len(words)), dtype=np.int64)
    for counted, of_leaves in zip(counts, both, strict=True):
        np.add.at(counted, words, of_leaves)  # symmetric: rows are columns
    return counts.transpose(0, 2, 1)


def _distributions(counts: Ints) -> npt.NDArray[np.float64]:
    """(3, K, W) counts to (K, 3·W) rows that sum to 1."""
    totals = counts.sum(axis=2, keepdims=True)
    shares = np.where(totals, counts / np.maximum(totals, 1), 1 / counts.shape[2])
    return np.concatenate(list(shares), axis=1) / len(counts)
