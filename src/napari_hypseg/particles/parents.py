"""Which object each particle belongs to: the virus that a spike sits on, the cell that a ribosome lies in."""

from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress, Stage
from napari_hypseg.particles.particle_set import ParticleSet
from napari_hypseg.structures.instances import Instances
from napari_hypseg.structures.mask_slabs import slab_boxes
from napari_hypseg.volumes import Box

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
REACH_EDGES = 3.0
"""Longest edges of a voxel within which a particle outside all parents belongs to the nearest, where nobody says."""


def assign_parents_job(particles: ParticleSet, parents: Instances, reach: float | None = None) -> Job[Ints]:
    """Number (n,) of the parent of each particle, 0 where there is none, yielding ``Progress("count", …)``.

    Parameters
    ----------
    particles
        On the grid of `parents`.
    parents
        Pieces, numbered from 1.
    reach
        A particle that lies in no parent belongs to the nearest one up to this far away, in the unit of the voxel size.
        By default three voxels, so that points on a surface find what they lie on.
    """
    found = _labels_at(particles, parents)
    lost = np.flatnonzero(found == 0)
    if not len(lost) or not parents.count:
        return found
    reach = REACH_EDGES * max(particles.grid.voxel_size) if reach is None else reach
    places, labels = yield from _border_voxels_job(parents)
    from scipy.spatial import cKDTree

    edges = np.array(particles.grid.voxel_size)
    tree = cKDTree(places * edges)
    distances, nearest = tree.query(particles.positions[lost] * edges, distance_upper_bound=reach + 1e-9)
    near = np.isfinite(distances)
    found[lost[near]] = labels[nearest[near]]
    return found


def _labels_at(particles: ParticleSet, parents: Instances) -> Ints:
    """Label (n,) of the voxel that each particle lies in."""
    box = parents.data.box
    places = np.rint(particles.positions).astype(np.int64) - np.array(box.start)
    inside = ((places >= 0) & (places < np.array(box.shape))).all(axis=1)
    found = np.zeros(len(particles), dtype=np.int64)
    found[inside] = parents.data.labels[tuple(places[inside].T)]
    return found


def _border_voxels_job(parents: Instances) -> Job[tuple[Floats, Ints]]:
    """Voxels (m, 3) of the pieces that have a neighbour of another label, and their labels (m,)."""
    box = parents.data.box
    places, labels = [np.zeros((0, 3))], [np.zeros(0, np.int64)]
    for slab in slab_boxes(box):
        around = _with_margin(parents, slab)
        core = around[1:-1, 1:-1, 1:-1]
        border = np.zeros(core.shape, dtype=bool)
        for axis in range(3):
            for side in (slice(0, -2), slice(2, None)):
                part = [slice(1, -1)] * 3
                part[axis] = side
                border |= core != around[tuple(part)]
        border &= core > 0
        places.append(np.argwhere(border) + np.array(slab.start))
        labels.append(core[border].astype(np.int64))
        yield Progress(Stage.COUNT, slab.stop[0] - box.start[0], box.shape[0])
    return np.concatenate(places), np.concatenate(labels)


def _with_margin(parents: Instances, slab: Box) -> npt.NDArray[Any]:
    """Labels of a slab with one voxel around it, 0 beyond the grid."""
    outer = slab.grow((1, 1, 1))
    inside = outer.intersect(Box.whole(parents.data.shape))
    both = zip(outer.start, outer.stop, inside.start, inside.stop, strict=True)
    return np.pad(parents.data[inside.slices], [(c - a, b - d) for a, b, c, d in both])
