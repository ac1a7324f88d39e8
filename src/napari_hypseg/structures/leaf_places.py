"""Where each leaf is best seen: the voxel that lies deepest inside it within a plane, found in one pass over the ids.

A leaf is many places that look alike, so that its centre of mass may lie far from all of them.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from napari_hypseg.jobs import Job, Progress, Stage
from napari_hypseg.volumes import LazyArray

SLAB_VOXELS = 1 << 24
"""Ids that are read at once, at least one plane."""
PLANES = 96
"""Planes that are looked at in each volume, evenly spaced; a leaf that lies in none of them is looked for in all."""
DEEP = 12
"""Voxels from the rim of a leaf beyond which no place is better than another."""

Places = npt.NDArray[np.int32]


def leaf_places(volumes: Sequence[LazyArray], n_leaves: int) -> Job[Places]:
    """Find a voxel of each leaf, yielding ``Progress("describe", …)`` after each plane.

    Parameters
    ----------
    volumes
        Leaf ids (z, y, x) of each specimen; 0 is outside, leaf *i* is *i* + 1.
    n_leaves
        Number of leaves K.

    Returns
    -------
    places
        int32 (K, 4): specimen and voxel (z, y, x) of each leaf; −1 for a leaf without voxels.
    """
    found, depths = np.full((n_leaves, 4), -1, dtype=np.int32), np.zeros(n_leaves, dtype=np.int32)
    for thorough in (False, True):
        if thorough and (found[:, 0] >= 0).all():
            break
        for specimen, leaves in enumerate(volumes):
            n = leaves.shape[0]
            step = 1 if thorough else max(1, n // PLANES)
            for z, plane in _planes(leaves, step):
                _take_deepest(plane, (specimen, z), found, depths, missing=thorough)
                yield Progress(Stage.DESCRIBE, z, n)
    return found


def _planes(leaves: LazyArray, step: int) -> Iterator[tuple[int, npt.NDArray[np.uint16]]]:
    """Every `step`-th plane, read in slabs, since chunks of the file hold several planes."""
    n, per_plane = leaves.shape[0], leaves.shape[1] * leaves.shape[2]
    thick = max(1, SLAB_VOXELS // max(1, per_plane))
    for start in range(0, n, thick):
        wanted = [z for z in range(start, min(start + thick, n)) if z % step == step // 2]
        if wanted:
            slab = np.asarray(leaves[wanted[0] : wanted[-1] + 1])
            for z in wanted:
                yield z, slab[z - wanted[0]]


def _take_deepest(
    plane: npt.NDArray[np.uint16], where: tuple[int, int], found: Places, depths: npt.NDArray[np.int32], missing: bool
) -> None:
    """Take over the places in a plane that lie deeper in their leaves than those found before."""
    depth = plane_depths(plane)
    known = np.append(np.int32(DEEP), np.where(missing & (found[:, 0] >= 0), DEEP, depths))  # nothing lies deeper
    (better,) = np.nonzero(depth.ravel() > known[plane.ravel()])
    leaves, deep = plane.ravel()[better].astype(np.intp) - 1, depth.ravel()[better]
    order = np.argsort(deep, kind="stable")  # of the places of one leaf, the last one written is the deepest
    leaves, better, deep = leaves[order], better[order], deep[order]
    depths[leaves] = deep
    found[leaves, 0], found[leaves, 1] = where
    found[leaves, 2], found[leaves, 3] = np.divmod(better, plane.shape[1])


def plane_depths(plane: npt.NDArray[np.uint16]) -> npt.NDArray[np.int32]:
    """Steps (y, x) from each voxel of a plane to the next one of another leaf or beyond the rim, at most `DEEP`."""
    padded = np.pad(plane, 1)
    inner = padded[1:-1, 1:-1]
    same = inner > 0
    for other in (padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]):
        same &= other == inner
    beyond = ndimage.distance_transform_cdt(np.pad(same, 1), metric="chessboard")[1:-1, 1:-1]
    return np.minimum(np.where(inner > 0, beyond + 1, 0), DEEP).astype(np.int32)
