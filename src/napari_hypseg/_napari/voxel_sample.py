"""A few voxels of a volume that stand for all: opening a 1 GB tomogram must not read it."""

from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.volumes.volume import LazyArray

PLANES = 7  # planes looked at, spread over z
WINDOW = 256  # edge of the central part of a plane that is read, in voxels


def voxel_sample(channel: LazyArray) -> npt.NDArray[Any]:
    """Central parts (planes, rows, columns) of a few planes, in the dtype of `channel` (z, y, x)."""
    depth, height, width = channel.shape
    rows, columns = (slice(max(0, (n - WINDOW) // 2), (n + WINDOW) // 2) for n in (height, width))
    planes = np.unique(np.linspace(0, depth - 1, PLANES + 2).round().astype(int)[1:-1])
    return np.stack([np.asarray(channel[int(z), rows, columns]) for z in planes])
