"""Touching objects parted by a watershed of the distance transform: each object is a basin of its own.

A seed is a regional maximum of the distance to the surface whose *dynamics* are at least h: going from it to any higher
maximum, one has to come down by h or more. These are the maxima an h-maxima transform keeps (Soille, Morphological
Image Analysis, 2003, 6.3.4); here they are had from the watershed of all maxima, whose basins are merged over their
highest passes.
"""

from collections.abc import Iterator
from itertools import product
from math import ceil

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from napari_hypseg.structures.connected_components import Connectivity, Labels
from napari_hypseg.structures.mask_slabs import Mask
from napari_hypseg.volumes import Index3, Vector3

Floats = npt.NDArray[np.float64]
EVERYWHERE = np.ones((3, 3, 3), dtype=bool)


def split_touching(inside: Mask, voxel_size: Vector3, h: float, connectivity: Connectivity) -> tuple[Labels, int]:
    """Part one connected object at its necks.

    Parameters
    ----------
    inside
        (z, y, x); one connected component, cut out. What lies beyond the array is outside.
    voxel_size
        Edge lengths (z, y, x) of a voxel.
    h
        How much narrower than the thinner part a neck has to be, as the difference of their radii in the unit of
        `voxel_size`, for the parts to be two objects.
    connectivity
        As for connected components.

    Returns
    -------
    labels, count
        int32 (z, y, x), 0 outside, parts from 1 to `count` in the order of their first voxels.
    """
    padded = np.pad(inside, 1)
    distance = ndimage.distance_transform_edt(padded, sampling=voxel_size)
    summits = padded & (ndimage.maximum_filter(distance, size=3) == distance)
    seeds, n_seeds = ndimage.label(summits, EVERYWHERE)
    if n_seeds == 1:
        return inside.astype(np.int32), 1
    basins = _watershed(distance, seeds, padded, connectivity)
    heights = np.zeros(n_seeds + 1)
    heights[seeds[summits]] = distance[summits]
    basins, distance = basins[1:-1, 1:-1, 1:-1], distance[1:-1, 1:-1, 1:-1]
    table = _merged(heights, *_passes(basins, distance, connectivity), h)
    return _in_order(table[basins])


def parting_extent(voxel_size: Vector3, h: float) -> Index3:
    """Voxels (z, y, x) that an object spans at least, along every axis, if it is to fall into two at `h`.

    A neck is one voxel thick or thicker, and a ball whose radius is larger by `h` has to fit into each part.
    """
    radius = h + min(voxel_size)
    z, y, x = (max(1, 2 * ceil(radius / edge * (1 - 1e-9)) - 1) for edge in voxel_size)
    return z, y, x


def _watershed(distance: Floats, seeds: Labels, inside: Mask, connectivity: Connectivity) -> Labels:
    from skimage.segmentation import watershed

    basins: Labels = watershed(-distance, seeds, mask=inside, connectivity=1 if connectivity == 6 else 3)
    return basins


def _passes(basins: Labels, distance: Floats, connectivity: Connectivity) -> tuple[npt.NDArray[np.int64], Floats]:
    """Pairs (n, 2) of basins that touch, and the greatest distance (n,) at which one gets from one to the other."""
    pairs, saddles = [], []
    for one, other in _neighbours(connectivity):
        a, b = basins[one], basins[other]
        crossing = (a != b) & (a > 0) & (b > 0)
        pairs.append(np.sort(np.stack([a[crossing], b[crossing]], axis=1), axis=1).astype(np.int64))
        saddles.append(np.minimum(distance[one][crossing], distance[other][crossing]))
    unique, places = np.unique(np.concatenate(pairs), axis=0, return_inverse=True)
    highest = np.zeros(len(unique))
    np.maximum.at(highest, places.ravel(), np.concatenate(saddles))
    return unique, highest


def _neighbours(connectivity: Connectivity) -> Iterator[tuple[tuple[slice, ...], tuple[slice, ...]]]:
    """The two views of an array (z, y, x) in which neighbours along each direction stand at the same place."""
    steps = [step for step in product((-1, 0, 1), repeat=3) if step > (0, 0, 0)]
    for step in steps:
        if connectivity == 26 or sum(map(abs, step)) == 1:
            one = tuple(slice(max(0, -d), min(0, -d) or None) for d in step)
            other = tuple(slice(max(0, d), min(0, d) or None) for d in step)
            yield one, other


def _merged(heights: Floats, pairs: npt.NDArray[np.int64], saddles: Floats, h: float) -> Labels:
    """Basin that each basin became part of, int32 (n + 1,), after merging over passes less than `h` below a maximum."""
    parents, peaks = list(range(len(heights))), heights.tolist()

    def root(basin: int) -> int:
        while parents[basin] != basin:
            parents[basin] = parents[parents[basin]]
            basin = parents[basin]
        return basin

    for place in np.argsort(-saddles, kind="stable"):
        low, high = sorted((root(int(basin)) for basin in pairs[place]), key=lambda basin: (peaks[basin], -basin))
        if low != high and peaks[low] - saddles[place] < h:
            parents[low] = high
    return np.array([root(basin) for basin in range(len(heights))], dtype=np.int32)


def _in_order(labels: Labels) -> tuple[Labels, int]:
    """The same parts numbered from 1 in the order of their first voxels."""
    found, first = np.unique(labels, return_index=True)
    kept = found > 0
    found = found[kept][np.argsort(first[kept])]
    table = np.zeros(int(labels.max()) + 1, dtype=np.int32)
    table[found] = np.arange(1, len(found) + 1)
    return table[labels], len(found)
