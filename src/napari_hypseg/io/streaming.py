"""Writing of arrays in slabs or chunk rows, so that a large volume is never in memory."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.volumes import LazyArray

READ_PLANES = 64
"""Planes read at once: the edge of a chunk, so that a chunked array unpacks each chunk once."""
READ_BYTES = 2**26
WRITE_BYTES = 2**21


def iterate_slabs(data: LazyArray, dtype: npt.DTypeLike) -> Iterator[tuple[int, npt.NDArray[Any]]]:
    """Walk through the planes: first plane and a C-ordered array (planes, y, x) of `dtype`, about 2 MB each."""
    depth, height, width = map(int, data.shape)
    plane = max(1, height * width * np.dtype(data.dtype).itemsize)
    thick = min(READ_PLANES, max(1, READ_BYTES // plane))
    thin = max(1, WRITE_BYTES // plane)
    for start in range(0, depth, thick):
        slab = np.asarray(data[start : start + thick, :, :])
        for z in range(0, len(slab), thin):
            yield start + z, np.ascontiguousarray(slab[z : z + thin], dtype=dtype)


def write_slabs(
    data: LazyArray, dtype: npt.DTypeLike, stage: str, write: Callable[[npt.NDArray[Any]], object]
) -> Job[None]:
    """Hand `data` to `write` slab by slab; yields `Progress` of `stage` in planes."""
    for start, slab in iterate_slabs(data, dtype):
        write(slab)
        yield Progress(stage, start + len(slab), data.shape[0])


CHUNK = 64
"""Edge of a chunk in voxels."""


def write_chunk_rows(
    array: Any, channels: Sequence[LazyArray], leads: Sequence[tuple[int, ...]], stage: str
) -> Job[None]:
    """Write `channels`, each at its index into the axes before z, by whole rows of chunks; yields `Progress`."""
    depth, height, _ = map(int, array.shape[-3:])
    rows = -(-height // CHUNK)
    for z in range(0, depth, CHUNK):
        for row in range(rows):
            strip = (slice(z, min(depth, z + CHUNK)), slice(row * CHUNK, min(height, (row + 1) * CHUNK)), slice(None))
            for lead, channel in zip(leads, channels, strict=True):
                array[(*lead, *strip)] = np.asarray(channel[strip], dtype=array.dtype)
            yield Progress(stage, min(depth, z + CHUNK * (row + 1) / rows), depth)
