"""Filling a chunked array by whole rows of chunks, so that each is packed once and little is in memory."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.volumes import LazyArray

CHUNK = 64
"""Edge of a chunk in voxels."""


def fill(array: Any, channels: Sequence[LazyArray], leads: Sequence[tuple[int, ...]], stage: str) -> Job[None]:
    """Write `channels`, each at its index into the axes before z, by whole rows of chunks; yields `Progress`."""
    depth, height, _ = map(int, array.shape[-3:])
    rows = -(-height // CHUNK)
    for z in range(0, depth, CHUNK):
        for row in range(rows):
            strip = (slice(z, min(depth, z + CHUNK)), slice(row * CHUNK, min(height, (row + 1) * CHUNK)), slice(None))
            for lead, channel in zip(leads, channels, strict=True):
                array[(*lead, *strip)] = np.asarray(channel[strip], dtype=array.dtype)
            yield Progress(stage, min(depth, z + CHUNK * (row + 1) / rows), depth)
