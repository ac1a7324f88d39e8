"""Spatial co-occurrence: how often the leaves of each context word lie at given distances from the voxels of a leaf.

Parts of one whole have similar contexts whatever their features are. Compared by the information bottleneck (Slonim
and Tishby 1999), contexts bring containment into the tree, as the triplet loss of Hsu et al. (2021) does.
"""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.jobs.worker_pool import worker_pool
from napari_hypseg.volumes import Box, LazyArray, iter_blocks
from napari_hypseg.volumes.blocks import Block
from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.volume import Vector3

Ints = npt.NDArray[np.int64]

DISTANCES = (4, 8, 16)
"""Distances in edges of the finest voxel at which co-occurrence is counted."""

BLOCK = 96
ANYWHERE: Index3 = (1, 1, 1)


def co_occurrence(
    ids: Sequence[LazyArray], words: Ints, n_words: int, voxel_sizes: Sequence[Vector3], n_leaves: int
) -> Job[npt.NDArray[np.float64]]:
    """Count the context words 4, 8 and 16 finest-voxel edges from the voxels of each leaf, along each axis, both ways.

    Read block by block, so that memory does not grow with the volumes; the blocks do not change the result. Axes along
    which a distance is less than half a voxel are left out, so that of anisotropic volumes only the fine axes count.
    Yields `Progress` of the stage ``"context"``.

    Parameters
    ----------
    ids
        Leaf ids (z, y, x) of each specimen; 0 outside, leaf i as i + 1.
    words
        int64 (K,); the context word of each leaf, from 0; see `context_vocabulary`.
    n_words
        Number of words W.
    voxel_sizes
        Edge lengths (z, y, x) of each specimen's voxels.
    n_leaves
        Number of leaves K.

    Returns
    -------
    numpy.ndarray
        float64 (K, 3·W); the distributions of words at the three distances concatenated, each a third of the row and
        uniform where no word was found. Rows sum to 1.
    """
    table = np.concatenate([[0], words + 1])
    counts = np.zeros((len(DISTANCES), n_leaves + 1, n_words + 1), dtype=np.int64)
    for specimen, (array, voxel_size) in enumerate(zip(ids, voxel_sizes, strict=True)):
        grid = Box.whole(array.shape)
        steps = [list(_steps(reach, voxel_size)) for reach in DISTANCES]
        blocks = list(iter_blocks(grid, (BLOCK,) * 3, _halo(steps), ANYWHERE))
        count = partial(_count, array, counts.shape, table, steps)
        progress = partial(_progress, specimen, len(ids), len(blocks))
        with worker_pool() as pool:
            yield from pool.map(count, blocks, partial(np.add, counts, out=counts), progress)
    return _distributions(counts[:, 1:, 1:])


def _progress(specimen: int, specimens: int, blocks: int, done: int) -> Progress:
    return Progress("context", specimen + done / blocks, specimens)


def _steps(reach: int, voxel_size: Vector3) -> Iterator[Index3]:
    """Steps in voxels (z, y, x) along each axis and back whose voxels are not longer than the step."""
    for axis, edge in enumerate(voxel_size):
        length = round(reach * min(voxel_size) / edge)
        if length:
            for signed in (-length, length):
                z, y, x = (signed if other == axis else 0 for other in range(3))
                yield z, y, x


def _halo(steps: list[list[Index3]]) -> Index3:
    z, y, x = (max(max(step[axis] for step in found) for found in steps) for axis in range(3))
    return z, y, x


def _padded(array: LazyArray, outer: Box, grid: Box) -> npt.NDArray[np.uint16]:
    """The ids of `outer`, 0 outside the grid."""
    inside = outer.intersect(grid)
    low = tuple(-a for a in outer.start)
    padded = np.zeros(outer.shape, dtype=np.uint16)
    padded[inside.shift((low[0], low[1], low[2])).slices] = array[inside.slices]
    return padded


def _count(array: LazyArray, shape: Index3, table: Ints, steps: list[list[Index3]], block: Block) -> Ints:
    """Counts of `shape` (3, K+1, W+1) of the words about the core of one block."""
    counts = np.zeros(shape, dtype=np.int64)
    _, rows, columns = shape
    halo, core = _halo(steps), block.core.shape
    middle = Box(halo, (halo[0] + core[0], halo[1] + core[1], halo[2] + core[2]))
    outer = _padded(array, block.outer, Box.whole(array.shape))
    found = table[outer]
    leaves = outer[middle.slices].astype(np.int64) * columns
    pairs = np.empty_like(leaves)
    for counted, near in zip(counts, steps, strict=True):
        for step in near:
            np.add(leaves, found[middle.shift(step).slices], out=pairs)
            counted += np.bincount(pairs.ravel(), minlength=rows * columns).reshape(rows, columns)
    return counts


def _distributions(counts: Ints) -> npt.NDArray[np.float64]:
    """(3, K, W) counts to (K, 3·W) rows that sum to 1."""
    totals = counts.sum(axis=2, keepdims=True)
    shares = np.where(totals, counts / np.maximum(totals, 1), 1 / counts.shape[2])
    return np.concatenate(list(shares), axis=1) / len(counts)
