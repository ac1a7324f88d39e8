"""One particle wherever a structure is thickest: the local maxima of the distance to what is outside it."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from napari_hypseg.jobs import Job, Progress, Stage
from napari_hypseg.particles.particle_set import ParticleSet
from napari_hypseg.particles.pick_settings import PickSettings
from napari_hypseg.particles.tomogram_grid import TomogramGrid
from napari_hypseg.structures.depth import depth_job
from napari_hypseg.structures.instances import InstanceSettings
from napari_hypseg.structures.mask_slabs import bounding_box_job, read_mask, slab_boxes
from napari_hypseg.volumes import LazyArray

NEIGHBOURS = np.ones((3, 3, 3), dtype=bool)
PLANES = 16


def distance_maxima_job(
    mask: LazyArray, grid: TomogramGrid, settings: PickSettings, pieces: InstanceSettings
) -> Job[ParticleSet]:
    """Local maxima of the distance map of a mask, the deepest first; voxels of one plateau are one particle.

    The diameter is twice the distance to the nearest voxel outside. The box around the mask is held as float32.
    """
    mask = pieces.filled(mask)
    box = yield from bounding_box_job(mask, Stage.PICK)
    if box is None:
        return ParticleSet(grid, np.zeros((0, 3)), scalars={"diameter": np.zeros(0)})
    inside = np.zeros([n + 2 for n in box.shape], dtype=bool)
    for slab in slab_boxes(box, mask):
        first = slab.start[0] - box.start[0] + 1
        inside[first : first + slab.shape[0], 1:-1, 1:-1] = read_mask(mask, slab)
        yield Progress(Stage.PICK, first, box.shape[0])
    depth = yield from depth_job(inside, grid.voxel_size)
    yield from _maxima_job(depth, inside)
    labels, count = ndimage.label(inside, NEIGHBOURS)
    yield Progress(Stage.PICK, 1, 1)
    places = np.argwhere(labels)
    ids = labels[tuple(places.T)]
    sums = np.stack([np.bincount(ids, weights=axis, minlength=count + 1)[1:] for axis in places.T.astype(float)], 1)
    depths = ndimage.maximum(depth[tuple(places.T)], ids, np.arange(1, count + 1))
    centres = sums / np.bincount(ids, minlength=count + 1)[1:, None] - 1 + np.array(box.start)
    order = np.argsort(-np.asarray(depths), kind="stable")
    return ParticleSet(grid, centres[order], scalars={"diameter": 2 * np.asarray(depths, dtype=np.float64)[order]})


def _maxima_job(depth: npt.NDArray[np.float32], inside: npt.NDArray[np.bool_]) -> Job[None]:
    """Leave in `inside` only voxels that none of their 26 neighbours is deeper than, slab by slab."""
    for first in range(1, len(depth) - 1, PLANES):
        last = min(len(depth) - 1, first + PLANES)
        around = depth[first - 1 : last + 1]
        highest = ndimage.maximum_filter(around, footprint=NEIGHBOURS, mode="constant")[1:-1]
        inside[first:last] &= depth[first:last] >= highest
        yield Progress(Stage.PICK, last, len(depth))
