"""Touching objects parted by a watershed of the distance transform: each object is a basin of its own.

A seed is a local maximum of the depth whose *dynamics* are at least h: going from it to any higher maximum, one has to
come up by h or more. These are the maxima an h-maxima transform keeps (Soille, Morphological Image Analysis, 2003,
6.3.4); here they are had from the basins of all maxima, which are merged over their deepest passes.
"""

from collections.abc import Iterator
from itertools import product
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress, Stage
from napari_hypseg.structures.connected_components import Connectivity, Ints, Labels
from napari_hypseg.structures.depth import depth_job
from napari_hypseg.structures.mask_slabs import Mask
from napari_hypseg.volumes import Index3, Vector3

Depths = npt.NDArray[np.float32]
PAIRS_PER_REPORT = 20_000
View = tuple[slice, ...]


def split_touching_job(
    inside: Mask, voxel_size: Vector3, h: float, connectivity: Connectivity
) -> Job[tuple[Labels, int]]:
    """Part one connected object at its necks, yielding ``Progress("instances", …)`` if it is large.

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
    depth = yield from depth_job(padded, voxel_size)
    maxima = yield from _ascent_job(depth)
    core = (slice(1, -1),) * 3
    tops, basins = _numbered(maxima[core][inside])
    if len(tops) == 1:
        return inside.astype(np.int32), 1
    labels = np.zeros(inside.shape, dtype=np.int32)
    labels[inside] = basins
    pairs, passes = yield from _passes_job(labels, depth[core], connectivity)
    peaks = np.concatenate([[0.0], depth.reshape(-1)[tops]])
    table = yield from _merged_job(peaks, pairs, passes, h)
    return (yield from _in_order_job(table[labels]))


def parting_extent(voxel_size: Vector3, h: float) -> Index3:
    """Voxels (z, y, x) that an object spans at least, along every axis, if it is to fall into two at `h`.

    A neck is one voxel thick or thicker, and a ball whose radius is larger by `h` has to fit into each part.
    """
    radius = h + min(voxel_size)
    z, y, x = (max(1, 2 * ceil(radius / edge * (1 - 1e-6)) - 1) for edge in voxel_size)
    return z, y, x


def _ascent_job(depth: Depths) -> Job[npt.NDArray[Any]]:
    """Flat index (z, y, x) of the local maximum that the steepest ascent over 26 neighbours ends in.

    Of equally deep voxels that with the lower index is taken for the deeper, so that no ascent is a circle. What a
    plateau falls into by that is merged again, as it has no dynamics.
    """
    index = np.int32 if depth.size < np.iinfo(np.int32).max else np.int64
    deepest, at = depth, np.arange(depth.size, dtype=index).reshape(depth.shape)
    for axis in (2, 1, 0):
        deepest, at = _deepest_along(deepest, at, axis)
        yield Progress(Stage.INSTANCES, 2 - axis, 3)
    maxima = at.reshape(-1)
    while True:
        further = maxima[maxima]  # every voxel looks twice as far in each round
        if np.array_equal(further, maxima):
            return maxima.reshape(depth.shape)
        maxima = further
        yield Progress(Stage.INSTANCES, 2, 3)


def _deepest_along(depth: Depths, at: npt.NDArray[Any], axis: int) -> tuple[Depths, npt.NDArray[Any]]:
    """Of each voxel and its two neighbours along `axis`, the greatest depth and its index; the first among equals."""
    found, place = depth.copy(), at.copy()
    first, last = ((slice(None),) * axis + (part,) for part in (slice(None, -1), slice(1, None)))
    for here, there, compare in ((last, first, np.greater_equal), (first, last, np.greater)):
        better = compare(depth[there], found[here])
        np.copyto(found[here], depth[there], where=better)
        np.copyto(place[here], at[there], where=better)
    return found, place


def _numbered(maxima: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], Labels]:
    """The different values of `maxima` (n,), ascending, and the place of each among them, from 1."""
    there = np.zeros(int(maxima.max()) + 1, dtype=bool)
    there[maxima] = True
    return np.flatnonzero(there), np.cumsum(there, dtype=np.int32)[maxima]


def _passes_job(basins: Labels, depth: Depths, connectivity: Connectivity) -> Job[tuple[Ints, Depths]]:
    """Pairs (n, 2) of basins that touch, and the greatest depth (n,) at which one gets from one to the other."""
    keys, depths, size = [], [], int(basins.max()) + 1
    for one, other in _neighbours(connectivity):
        a, b = basins[one], basins[other]
        crossing = (a != b) & (a > 0) & (b > 0)
        a, b = a[crossing].astype(np.int64), b[crossing].astype(np.int64)
        between = np.minimum(depth[one][crossing], depth[other][crossing])
        found, deepest = _deepest_of_each(np.minimum(a, b) * size + np.maximum(a, b), between)
        keys.append(found)
        depths.append(deepest)
        yield Progress(Stage.INSTANCES, len(keys), 13)
    found, deepest = _deepest_of_each(np.concatenate(keys), np.concatenate(depths))
    return np.stack(np.divmod(found, size), axis=1), deepest


def _deepest_of_each(keys: Ints, depths: Depths) -> tuple[Ints, Depths]:
    """The different values of `keys` (n,), ascending, and the greatest depth of each."""
    if not len(keys):
        return keys, depths
    order = np.argsort(keys)
    keys = keys[order]
    starts = np.concatenate([[0], np.flatnonzero(np.diff(keys)) + 1])
    return keys[starts], np.maximum.reduceat(depths[order], starts)


def _neighbours(connectivity: Connectivity) -> Iterator[tuple[View, View]]:
    """The two views of an array (z, y, x) in which neighbours along each direction stand at the same place."""
    for step in product((-1, 0, 1), repeat=3):
        if step > (0, 0, 0) and (connectivity == 26 or sum(map(abs, step)) == 1):
            one = tuple(slice(max(0, -d), min(0, -d) or None) for d in step)
            other = tuple(slice(max(0, d), min(0, d) or None) for d in step)
            yield one, other


def _merged_job(peaks: npt.NDArray[np.float64], pairs: Ints, passes: Depths, h: float) -> Job[Labels]:
    """Basin that each basin became part of, int32 (n + 1,), after merging over passes less than `h` below a maximum."""
    parents, heights = list(range(len(peaks))), peaks.tolist()

    def root(basin: int) -> int:
        while parents[basin] != basin:
            parents[basin] = parents[parents[basin]]
            basin = parents[basin]
        return basin

    order = np.argsort(-passes, kind="stable")
    for number, (a, b, depth) in enumerate(zip(*pairs[order].T.tolist(), passes[order].tolist(), strict=True)):
        low, high = sorted((root(a), root(b)), key=lambda basin: (heights[basin], -basin))
        if low != high and heights[low] - depth < h:
            parents[low] = high
        if number % PAIRS_PER_REPORT == PAIRS_PER_REPORT - 1:
            yield Progress(Stage.INSTANCES, number, len(order))
    return np.array([root(basin) for basin in range(len(parents))], dtype=np.int32)


def _in_order_job(labels: Labels) -> Job[tuple[Labels, int]]:
    """The same parts numbered from 1 in the order of their first voxels."""
    flat = labels.reshape(-1)
    places = np.flatnonzero(flat)[::-1]
    yield Progress(Stage.INSTANCES, 12, 13)
    first = np.full(int(flat.max()) + 1, -1, dtype=np.int64)
    first[flat[places]] = places  # of the places of one part, the last one written is the first
    found = np.flatnonzero(first >= 0)
    found = found[np.argsort(first[found])]
    yield Progress(Stage.INSTANCES, 12, 13)
    table = np.zeros(len(first), dtype=np.int32)
    table[found] = np.arange(1, len(found) + 1)
    return table[labels], len(found)
