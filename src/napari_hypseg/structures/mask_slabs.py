"""Reading a mask slab by slab, so that it is never in memory as a whole."""

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.volumes import Box, Index3, LazyArray

Mask: TypeAlias = npt.NDArray[np.bool_]
SLAB_VOXELS = 1 << 20
"""Voxels of a slab, about: few enough for a report every 0.2 s."""


def slab_boxes(box: Box, array: LazyArray | None = None) -> Iterator[Box]:
    """Slabs of `box` along z that end where the chunks of `array` do, so that a chunk is read once where it can be."""
    (z0, y0, x0), (z1, y1, x1) = box.start, box.stop
    plane = max(1, (y1 - y0) * (x1 - x0))
    chunks: Any = getattr(array, "chunks", None)
    chunk = int(chunks[0]) if chunks and isinstance(chunks[0], int) else 1
    thick = max(1, SLAB_VOXELS // plane)
    thick = max(chunk, thick // chunk * chunk)
    if not box.size:
        return
    starts = [z0, *range(z0 - z0 % chunk + thick, z1, thick)]
    for start, stop in zip(starts, [*starts[1:], z1], strict=True):
        yield Box((start, y0, x0), (stop, y1, x1))


def read_mask(mask: LazyArray, box: Box) -> Mask:
    """Voxels of `box` (z, y, x) that are above 0."""
    values = np.asarray(mask[box.slices])
    return values if values.dtype == bool else values > 0


def bounding_box_job(mask: LazyArray, stage: str) -> Job[Box | None]:
    """The smallest box around the voxels of a mask, None if there are none; yields ``Progress(stage, planes, Z)``."""
    whole = Box.whole(mask.shape)
    occupied = [np.zeros(n, dtype=bool) for n in whole.shape]
    for slab in slab_boxes(whole, mask):
        inside = read_mask(mask, slab)
        flat = np.logical_or.reduce(inside, axis=0)
        occupied[0][slab.start[0] : slab.stop[0]] = inside.any(axis=(1, 2))
        occupied[1] |= np.logical_or.reduce(flat, axis=1)
        occupied[2] |= np.logical_or.reduce(flat, axis=0)
        yield Progress(stage, slab.stop[0], whole.shape[0])
    if not occupied[0].any():
        return None
    ends = [np.flatnonzero(axis)[[0, -1]] for axis in occupied]
    return Box(_index3(int(first) for first, _ in ends), _index3(int(last) + 1 for _, last in ends))


def _index3(values: Iterator[int]) -> Index3:
    z, y, x = values
    return z, y, x
