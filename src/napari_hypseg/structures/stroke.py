"""A stroke of the brush as an edit: which of its voxels may change hands."""

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import SettingError
from napari_hypseg.structures.annotation import Annotation
from napari_hypseg.structures.edits import PaintVoxels
from napari_hypseg.structures.locks import check_unlocked, locked_ids
from napari_hypseg.structures.structure_arrays import OwnerArray, can_be_erased
from napari_hypseg.structures.voxel_runs import encode_runs, runs_of
from napari_hypseg.volumes.volume import LazyArray

OUTSIDE = "This lies outside the box or mask that was segmented; there is nothing to correct there."


def stroke_edit(
    annotation: Annotation,
    leaves: LazyArray,
    specimen: int,
    structure: int,
    voxels: npt.NDArray[np.int64],
    erase: bool,
) -> PaintVoxels | None:
    """The edit that gives voxels to a structure, or takes them out of it; None where it would change nothing.

    Voxels of locked structures, and those in no leaf, outside the box or mask, stay as they are. What is erased falls
    to the structure around it.

    Parameters
    ----------
    annotation, leaves
        The structures, and the leaf ids (z, y, x) of the specimen.
    specimen
        Its number.
    structure
        Id of the structure in hand.
    voxels
        int64 (n, 3); indices (z, y, x), of which those outside the grid are left out.
    erase
        Whether voxels are taken out.

    Raises
    ------
    SettingError
        If the structure is locked, there are too many leaves to erase voxels, or all voxels lie outside.
    """
    check_unlocked(annotation, structure)
    if erase and not can_be_erased(annotation.n_leaves):
        raise SettingError("Voxels cannot be erased where there are more than 32 000 leaves; take leaves away.")
    if not len(voxels):
        return None
    voxels = voxels[((voxels >= 0) & (voxels < leaves.shape)).all(1)]
    if not len(voxels):
        raise SettingError(OUTSIDE)
    low, high = voxels.min(0), voxels.max(0) + 1
    z, y, x = (slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    inner = tuple((voxels - low).T)
    inside = np.asarray(leaves[z, y, x])[inner] > 0
    if not inside.any():
        raise SettingError(OUTSIDE)
    owners = OwnerArray(leaves, annotation, specimen)
    now = owners[z, y, x][inner]
    changes = np.isin(now, annotation.family(structure)) if erase else now != structure
    changes &= inside & ~np.isin(now, locked_ids(annotation))
    if not changes.any():
        return None
    flat = np.ravel_multi_index(tuple(voxels[changes].T), owners.shape)
    target = annotation.structure(structure).parent if erase else structure
    return PaintVoxels(structure=target, specimen=specimen, shape=owners.shape, voxels=encode_runs(runs_of(flat)))
