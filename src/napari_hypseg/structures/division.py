"""Dividing one object of a structure from the others: the piece under a voxel, or the part of it that was marked.

Only the neighbourhood is read: a box around the voxel that grows until the piece lies inside it.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from napari_hypseg.errors import SettingError
from napari_hypseg.structures.voxel_runs import Runs, runs_of
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.volume import LazyArray, Vector3

FIRST_REACH = 24
"""Voxels around the first look at a piece."""
MOST_VOXELS = 1 << 27
"""Voxels of a box above which a piece is taken for the whole structure."""
TOUCHING = np.ones((3, 3, 3), dtype=bool)
"""Voxels that share a corner are of one piece, as in `instances`."""


def piece_runs(mask: LazyArray, voxel: Index3) -> Runs:
    """Voxels of the connected piece of `mask` (z, y, x) at `voxel`.

    Raises
    ------
    SettingError
        If `voxel` is not in the mask, or the piece is very large.
    """
    box, piece = _piece(mask, voxel)
    return _runs(piece, box, mask.shape)


def piece_voxels(mask: LazyArray, voxel: Index3) -> npt.NDArray[np.int64]:
    """Voxels, int64 (n, 3), of the connected piece of `mask` (z, y, x) at `voxel`.

    Raises
    ------
    SettingError
        If `voxel` is not in the mask, or the piece is very large.
    """
    box, piece = _piece(mask, voxel)
    return np.asarray(np.argwhere(piece) + np.array(box.start))


def part_runs(mask: LazyArray, here: Sequence[Index3], there: Sequence[Index3], voxel_size: Vector3) -> Runs:
    """Voxels of a piece of `mask` that belong to the marks `there` and not to the marks `here`.

    A watershed of the distance to the mask's outside, from the marks: it divides at the neck between them.

    Parameters
    ----------
    mask
        (z, y, x), of which one piece holds all marks.
    here, there
        Voxels (z, y, x) of the part that stays, and of the one that is divided from it.
    voxel_size
        Edges (z, y, x) of a voxel.

    Raises
    ------
    SettingError
        If either has no mark, or the marks lie in different pieces or in none.
    """
    if not here or not there:
        raise SettingError("Mark at least one place with A and one with B, then divide.")
    box, piece = _piece(mask, here[0])
    start = np.array(box.start)
    marks = np.zeros(piece.shape, dtype=np.int8)
    for label, places in ((1, here), (2, there)):
        for place in np.array(places) - start:
            outside = (place < 0).any() or (place >= piece.shape).any()
            if outside or not piece[tuple(place)]:
                raise SettingError("The marks lie in pieces that do not touch; F makes a piece a structure of its own.")
            marks[tuple(place)] = label
    from skimage.segmentation import watershed

    depth = ndimage.distance_transform_edt(np.pad(piece, 1), sampling=voxel_size)[1:-1, 1:-1, 1:-1]
    return _runs(watershed(-depth, marks, mask=piece) == 2, box, mask.shape)


def _piece(mask: LazyArray, voxel: Index3) -> tuple[Box, npt.NDArray[np.bool_]]:
    """The piece at `voxel`, in a box in whose walls it does not end."""
    whole, reach = Box.whole(mask.shape), FIRST_REACH
    z, y, x = voxel
    if not (all(0 <= place < size for place, size in zip(voxel, whole.shape, strict=True)) and mask[z, y, x]):
        raise SettingError("There is nothing of this here; point at one of its voxels.")
    while True:
        box = Box((z - reach, y - reach, x - reach), (z + reach + 1, y + reach + 1, x + reach + 1)).intersect(whole)
        if box.size > MOST_VOXELS:
            raise SettingError(
                "This piece is very large, most of the whole perhaps; choose a smaller region or structure."
            )
        labels, _ = ndimage.label(np.asarray(mask[box.slices]), TOUCHING)
        piece = labels == labels[tuple(np.array(voxel) - box.start)]
        if not _reaches_wall(piece, box, whole):
            return box, piece
        reach *= 2


def _reaches_wall(piece: npt.NDArray[np.bool_], box: Box, whole: Box) -> bool:
    """Whether a piece may go on outside its box."""
    for axis in range(3):
        sides = np.moveaxis(piece, axis, 0)
        if (box.start[axis] > 0 and sides[0].any()) or (box.stop[axis] < whole.shape[axis] and sides[-1].any()):
            return True
    return False


def _runs(part: npt.NDArray[np.bool_], box: Box, shape: Sequence[int]) -> Runs:
    places = np.argwhere(part) + np.array(box.start)
    return runs_of(np.ravel_multi_index(tuple(places.T), tuple(shape)))
