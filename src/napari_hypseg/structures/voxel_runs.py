"""Sets of voxels as runs along x: how a painted correction is kept, in memory and on disk."""

import base64
import binascii
import zlib

import numpy as np
import numpy.typing as npt

from napari_hypseg.volumes.box import Index3

Runs = npt.NDArray[np.int64]
"""int64 (n, 2): first voxel, as a flat index in C order over (z, y, x), and number of voxels of each run."""
MAX_RUNS = 20_000_000


def runs_of(flat: npt.NDArray[np.integer]) -> Runs:
    """The runs of flat voxel indices (n,) in any order."""
    voxels = np.unique(np.asarray(flat, dtype=np.int64))
    if not len(voxels):
        return np.zeros((0, 2), dtype=np.int64)
    breaks = np.flatnonzero(np.diff(voxels) > 1)
    starts, stops = voxels[np.r_[0, breaks + 1]], voxels[np.r_[breaks, len(voxels) - 1]]
    return np.stack([starts, stops - starts + 1], axis=1)


def voxels_of(runs: Runs) -> npt.NDArray[np.int64]:
    """int64 (n,): flat indices of all voxels of the runs, ascending."""
    lengths = runs[:, 1]
    ends = np.cumsum(lengths)
    if not len(ends):
        return np.zeros(0, dtype=np.int64)
    return np.repeat(runs[:, 0] - ends + lengths, lengths) + np.arange(ends[-1])


def encode_runs(runs: Runs) -> str:
    """Runs as text: gaps and lengths as little-endian int64, deflated, in base 64."""
    gaps = np.diff(runs[:, 0], prepend=0) if len(runs) else runs[:, 0]
    raw = np.stack([gaps, runs[:, 1]]).astype("<i8").tobytes()
    return base64.b64encode(zlib.compress(raw, 6)).decode("ascii")


def decode_runs(text: str, shape: Index3) -> Runs:
    """Inverse of `encode_runs`.

    Parameters
    ----------
    text
        What was encoded.
    shape
        Grid (z, y, x) that the voxels lie on.

    Raises
    ------
    ValueError
        If it is damaged, or holds voxels outside the grid.
    """
    inflate = zlib.decompressobj()
    try:
        raw = inflate.decompress(base64.b64decode(text, validate=True), MAX_RUNS * 16)
    except (binascii.Error, zlib.error, ValueError) as error:
        raise ValueError("the painted voxels are damaged") from error
    if inflate.unconsumed_tail or not inflate.eof or len(raw) % 16:
        raise ValueError("the painted voxels are damaged")
    gaps, lengths = np.frombuffer(raw, dtype="<i8").reshape(2, -1).astype(np.int64)
    starts, size = np.cumsum(gaps), int(np.prod(shape, dtype=np.int64))
    ends = starts + lengths
    if len(gaps) and ((gaps < 0).any() or (lengths < 1).any() or (starts[1:] < ends[:-1]).any() or ends[-1] > size):
        raise ValueError("painted voxels lie outside the volume")
    if len(gaps) and (lengths > size).any():
        raise ValueError("painted voxels lie outside the volume")
    return np.stack([starts, lengths], axis=1)
