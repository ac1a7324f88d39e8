"""One particle in the middle of each piece of a structure."""

import numpy as np

from napari_hypseg.jobs import Job, Progress, Stage
from napari_hypseg.particles.particle_set import ParticleSet
from napari_hypseg.particles.pick_settings import PickSettings
from napari_hypseg.particles.tomogram_grid import TomogramGrid
from napari_hypseg.structures.instances import InstanceSettings, instances_job
from napari_hypseg.structures.mask_slabs import slab_boxes
from napari_hypseg.structures.voxel_moments import VoxelMoments
from napari_hypseg.volumes import LazyArray


def instance_centres_job(
    mask: LazyArray, grid: TomogramGrid, settings: PickSettings, pieces: InstanceSettings
) -> Job[ParticleSet]:
    """Centroids of the pieces of a mask, the largest first, with diameter and whether they reach the border."""
    found = yield from instances_job(mask, grid.voxel_size, pieces)
    moments = VoxelMoments(found.count, 0, grid.shape)
    box = found.data.box
    for slab in slab_boxes(box):
        moments.add(np.asarray(found.data[slab.slices]), slab)
        yield Progress(Stage.PICK, slab.stop[0] - box.start[0], box.shape[0])
    volumes = found.sizes * float(np.prod(grid.voxel_size))
    scalars = {
        "diameter": np.cbrt(6 * volumes / np.pi),
        "touches_edge": moments.touches_edge[1 : found.count + 1],
    }
    return ParticleSet(grid, moments.centroids()[1 : found.count + 1], scalars=scalars)
