"""A hash of the voxels of a volume, independent of its position, voxel size and stored dtype."""

import hashlib
from itertools import product

import numpy as np

from napari_hypseg.volumes.volume import Volume

BLOCK = 8
BLOCKS = 8
"""Blocks along each of the four diagonals of the grid."""


def voxel_hash(volume: Volume) -> str:
    """Short hash of the grid and of a sample of the voxels, the same for each file with these voxels on this grid.

    Voxel size, unit and origin take no part: a header that is put right leaves it as it is.
    """
    digest = hashlib.sha256(repr(volume.shape).encode())
    for channel in volume.channels:
        for corner in _corners(volume.shape):
            block = channel[tuple(slice(start, start + BLOCK) for start in corner)]
            digest.update(np.ascontiguousarray(block, dtype="<f8").tobytes())
    return digest.hexdigest()[:16]


def _corners(shape: tuple[int, int, int]) -> list[tuple[int, ...]]:
    """First voxels (z, y, x) of blocks along the four diagonals of the grid, each once."""
    shares = np.linspace(0, 1, BLOCKS)
    ways = [(False, *turned) for turned in product((False, True), repeat=2)]
    starts = [
        tuple(round((1 - s if back else s) * max(0, n - BLOCK)) for back, n in zip(way, shape, strict=True))
        for way in ways
        for s in shares
    ]
    return list(dict.fromkeys(starts))
