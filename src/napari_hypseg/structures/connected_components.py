"""Connected components of a mask, labelled slab by slab and joined across the faces between slabs."""

from itertools import product
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.sparse import coo_array, csgraph

from napari_hypseg.jobs import Job, Progress, Stage
from napari_hypseg.structures.mask_slabs import read_mask, slab_boxes
from napari_hypseg.volumes import Box, LazyArray

Connectivity: TypeAlias = Literal[6, 26]
Labels: TypeAlias = npt.NDArray[np.int32]
Ints: TypeAlias = npt.NDArray[np.int64]


def components_job(mask: LazyArray, box: Box, connectivity: Connectivity) -> Job[tuple[Labels, int]]:
    """Label what hangs together, yielding ``Progress("instances", planes, Z)``.

    Parameters
    ----------
    mask
        (z, y, x); voxels above 0 count.
    box
        Part of the grid that is labelled.
    connectivity
        6: voxels that share a face hang together; 26: those that share an edge or a corner, too.

    Returns
    -------
    labels, count
        int32 of the shape of `box`, 0 outside, components from 1 to `count` in the order of their first voxels in
        (z, y, x).
    """
    labels = np.zeros(box.shape, dtype=np.int32)
    structure = ndimage.generate_binary_structure(3, 1 if connectivity == 6 else 3)
    count, pairs = 0, [np.empty((0, 2), dtype=np.int64)]
    for slab in slab_boxes(box, mask):
        first, stop = slab.start[0] - box.start[0], slab.stop[0] - box.start[0]
        inside = read_mask(mask, slab)
        part = labels[first:stop]
        found = ndimage.label(inside, structure, output=part)
        np.add(part, count, out=part, where=inside)
        if first:
            pairs.append(_touching(labels[first - 1], labels[first], connectivity))
        count += found
        yield Progress(Stage.INSTANCES, stop, 2 * box.shape[0])
    table, n_components = _joined(np.concatenate(pairs), count)
    for first in range(0, len(labels), 32):
        labels[first : first + 32] = table[labels[first : first + 32]]
        yield Progress(Stage.INSTANCES, box.shape[0] + min(first + 32, len(labels)), 2 * box.shape[0])
    return labels, n_components


def _touching(above: Labels, below: Labels, connectivity: Connectivity) -> Ints:
    """Pairs (n, 2) of labels that touch across two planes (y, x)."""
    shifts = [(0, 0)] if connectivity == 6 else list(product((-1, 0, 1), repeat=2))
    found = []
    for dy, dx in shifts:
        one = above[max(0, dy) : above.shape[0] + min(0, dy), max(0, dx) : above.shape[1] + min(0, dx)]
        other = below[max(0, -dy) : below.shape[0] + min(0, -dy), max(0, -dx) : below.shape[1] + min(0, -dx)]
        both = (one > 0) & (other > 0)
        found.append(one[both].astype(np.int64) << 32 | other[both])
    return np.stack(np.divmod(np.unique(np.concatenate(found)), 1 << 32), axis=1)


def _joined(pairs: Ints, count: int) -> tuple[Labels, int]:
    """Component of each provisional label, int32 (count + 1,), in the order of their lowest labels."""
    links = coo_array((np.ones(len(pairs), dtype=bool), (pairs[:, 0], pairs[:, 1])), shape=(count + 1, count + 1))
    n_groups, groups = csgraph.connected_components(links, directed=False)
    lowest = np.full(n_groups, count + 1, dtype=np.int64)
    np.minimum.at(lowest, groups, np.arange(count + 1))
    order = np.empty(n_groups, dtype=np.int32)
    order[np.argsort(lowest)] = np.arange(n_groups)
    return order[groups], n_groups - 1
