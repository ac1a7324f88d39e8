"""A phantom of any size: generating a large one takes longer than segmenting it."""

from pathlib import Path

import numpy as np

from napari_hypseg.volumes.phantom import phantom
from napari_hypseg.volumes.volume import LazyArray

CELL = 96
"""Edge in voxels of the phantom that is mirrored."""
NOISE = 0.1
"""Standard deviation of what makes each copy differ, in units of the phantom's grey values."""


def write_mirrored_phantom(path: Path, edge: int) -> LazyArray:
    """Write mirrored copies of a phantom that fill `edge` voxels along each axis, as NumPy file; gives it mapped."""
    cell = np.asarray(phantom((CELL,) * 3, seed=0).volume.channels[0], dtype=np.float32)
    index = np.pad(np.arange(CELL), (0, max(0, edge - CELL)), mode="symmetric")[:edge]
    random = np.random.default_rng(0)
    grey = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(edge,) * 3)
    for z, source in enumerate(index):
        plane = cell[source][index][:, index]
        grey[z] = plane + NOISE * random.standard_normal(plane.shape, dtype=np.float32)
    grey.flush()
    return grey
