"""How deep each voxel lies inside an object: the distance to what is outside it, in world units."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from napari_hypseg.jobs import Job, Progress, Stage
from napari_hypseg.structures.distance_planes import (
    CELL,
    FAR,
    occupied_cells,
    plane_squares,
    planes_before,
    planes_behind,
    reach_of_cells,
)
from napari_hypseg.structures.mask_slabs import Mask
from napari_hypseg.volumes import Vector3

SMALL = 1 << 18
"""Voxels up to which everything is done in one go."""
PLANES_PER_REPORT = 4


def depth_job(inside: Mask, voxel_size: Vector3) -> Job[npt.NDArray[np.float32]]:
    """Distance (z, y, x), float32, from each voxel to the nearest one outside, 0 for those outside.

    Parameters
    ----------
    inside
        (z, y, x); empty in all outermost voxels.
    voxel_size
        Edge lengths (z, y, x) of a voxel.
    """
    if inside.size <= SMALL:
        return np.asarray(ndimage.distance_transform_edt(inside, sampling=voxel_size), dtype=np.float32)
    depth = np.zeros(inside.shape, dtype=np.float32)
    outside = ~inside
    reach = reach_of_cells(occupied_cells(outside), voxel_size)
    nowhere = np.full(inside.shape[1:], FAR, dtype=np.int32)
    later = np.empty(inside.shape, dtype=np.int32)
    for z, numbers in zip(range(len(inside) - 1, -1, -1), planes_behind(outside, 0, nowhere), strict=True):
        later[z] = numbers
    for z, earlier in enumerate(planes_before(outside, 0, -nowhere)):
        if inside[z].any():
            steps = np.minimum(z - earlier, later[z] - z)
            far = float(reach[z // CELL][occupied_cells(inside[z])].max())
            depth[z] = np.sqrt(plane_squares(steps, voxel_size, far, slice(None)))
        if z % PLANES_PER_REPORT == 0:
            yield Progress(Stage.INSTANCES, z, len(inside))
    return depth
