"""A coarse copy of a large volume, read from disk slab by slab, in which the sample is located."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.intensity import robust_intensity
from napari_hypseg.volumes.volume import GreyValues, Vector3, Volume, grey_dtype, relative_edges

SLAB = 1 << 24
"""Voxels that are read at once."""
SAMPLES_PER_CELL = 4
"""Voxels along an axis that enter the mean of a cell; more would say the same and be read in vain."""


@dataclass(frozen=True, eq=False)
class CoarseVolume:
    """Means over cells of a volume, standardised to mean 0 and standard deviation 1 in each channel.

    Parameters
    ----------
    data
        float32 (c, z, y, x), finite.
    valid
        bool (z, y, x): cells that hold a finite voxel. A reconstruction may have a border of NaN.
    factors
        Edge lengths (z, y, x) of a cell in voxels; the last cell of an axis may be cut short.
    shape
        Voxels (z, y, x) of the volume, or of the window of it, that the cells cover.
    name
        Name of the volume.
    voxel_size
        Edge lengths (z, y, x) of a voxel of the volume; only their ratios matter.
    """

    data: npt.NDArray[np.float32]
    valid: npt.NDArray[np.bool_]
    factors: Index3
    shape: Index3
    name: str = "volume"
    voxel_size: Vector3 = (1.0, 1.0, 1.0)

    @property
    def grid(self) -> Index3:
        """Cells (z, y, x)."""
        z, y, x = self.valid.shape
        return z, y, x


def coarse_factors(shape: Index3, voxel_size: Vector3, edge: int) -> Index3:
    """Edges (z, y, x) of cells that are as cubic as whole voxels allow, at most `edge` of them along every axis."""
    sizes = relative_edges(voxel_size)
    cell = max(n * size for n, size in zip(shape, sizes, strict=True)) / edge
    z, y, x = (max(1, round(cell / size), -(-n // edge)) for n, size in zip(shape, sizes, strict=True))
    return z, y, x


def coarsen(volume: Volume, edge: int, window: Box | None = None) -> Job[CoarseVolume]:
    """Read `volume` slab by slab and keep the mean of each cell; yields `Progress` of stage ``"read"``.

    Parameters
    ----------
    edge
        Cells along the longest axis, at most.
    window
        What is read of the volume; its cells begin at its corner.

    Raises
    ------
    InputError
        If a channel holds no finite voxel.
    """
    window = window or volume.box
    factors = coarse_factors(window.shape, volume.voxel_size, edge)
    z, y, x = (-(-n // f) for n, f in zip(window.shape, factors, strict=True))
    data = np.empty((len(volume.channels), z, y, x), dtype=np.float64)
    depth = max(1, SLAB // (window.shape[1] * window.shape[2] * factors[0]))
    for first in range(0, z, depth):
        start = window.start[0] + first * factors[0]
        stop = min(start + depth * factors[0], window.stop[0])
        slab = Box((start, *window.start[1:]), (stop, *window.stop[1:]))
        data[:, first : first + depth] = read_cells(volume, slab, factors)
        yield Progress("read", min(first + depth, z), z)
    valid = np.logical_and.reduce(np.isfinite(data))
    if not valid.any():
        raise InputError(
            f"{volume.name} has no voxel that is finite in all channels; check the reconstruction that wrote it."
        )
    return CoarseVolume(standardise(data, valid), valid, factors, window.shape, volume.name, volume.voxel_size)


def read_cells(volume: Volume, box: Box, factors: Index3) -> npt.NDArray[np.float64]:
    """Means (c, z, y, x) over cells of `factors` voxels that begin at the corner of `box`; NaN where nothing is finite.

    Of a cell, at most `SAMPLES_PER_CELL` voxels along each axis are looked at.
    """
    picked = [_positions(n, f) for n, f in zip(box.shape, factors, strict=True)]
    index = np.ix_(*(positions.ravel() for positions in picked))
    split = tuple(n for positions in picked for n in positions.shape)
    dtype = grey_dtype([channel.dtype for channel in volume.channels])
    parts = (np.asarray(channel[box.slices])[index].astype(dtype) for channel in volume.channels)
    return np.stack([_mean(part.reshape(split)) for part in parts])


def _positions(length: int, factor: int) -> npt.NDArray[np.intp]:
    """Sampled voxels of each cell of an axis, (cells, at most `SAMPLES_PER_CELL`); a cut cell repeats its end."""
    per_cell = min(factor, SAMPLES_PER_CELL)
    within = (np.arange(per_cell) * factor + factor // 2) // per_cell
    starts = np.arange(0, length, factor)
    picked: npt.NDArray[np.intp] = np.minimum(starts[:, None] + within, length - 1)
    return picked


def _mean(voxels: GreyValues) -> npt.NDArray[np.float64]:
    """Mean over the odd axes of a 6-D array, of what is finite."""
    inside = (1, 3, 5)
    finite = np.isfinite(voxels)
    if finite.all():
        plain: npt.NDArray[np.float64] = voxels.mean(inside, dtype=np.float64)
        return plain
    count = finite.sum(inside, dtype=np.float64)
    total = np.where(finite, voxels, 0).sum(inside, dtype=np.float64)
    mean: npt.NDArray[np.float64] = np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)
    return mean


def standardise(data: GreyValues, valid: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    """Each channel with mean 0 and standard deviation 1 over what is valid, 0 elsewhere."""
    intensity = robust_intensity([values[valid].astype(np.float64, copy=False) for values in data])
    return intensity.standardise(np.where(valid, data, np.nan))
