"""A volume at lower resolution: means over blocks of voxels, computed only where it is read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.array_base import ArrayBase
from napari_hypseg.errors import InputError
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.cells import most_frequent
from napari_hypseg.volumes.indexing import per_axis
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import LazyArray, Vector3, Volume, grey_dtype

LEAST = 2
"""Voxels that have to be left along each axis."""


@dataclass(frozen=True, eq=False)
class BinnedArray(ArrayBase):
    """Means over blocks of voxels of a lazy array (z, y, x); voxels at an end that fill no whole block are left out.

    Parameters
    ----------
    array
        The array at full resolution.
    factors
        Edges (z, y, x) of a block in voxels.
    """

    array: LazyArray
    factors: Index3 = (2, 2, 2)

    @property
    def shape(self) -> Index3:
        """Grid (z, y, x) of the blocks."""
        z, y, x = (int(n) // f for n, f in zip(self.array.shape, self.factors, strict=True))
        return z, y, x

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of a mean."""
        return grey_dtype([self.array.dtype])

    def __getitem__(self, index: Any, /) -> Any:
        """``binned[index]`` for integers, slices and one ellipsis."""
        voxels, picked = list[slice](), list[int | slice]()
        for part, n, factor in zip(per_axis(index), self.shape, self.factors, strict=True):
            asked = range(n)[part]
            along = range(asked, asked + 1) if isinstance(asked, int) else asked
            low, high = (min(along), max(along) + 1) if along else (0, 0)
            voxels.append(slice(low * factor, high * factor))
            picked.append(0 if isinstance(asked, int) else _within(along, low))
        return self._reduced(self._blocks(tuple(voxels)))[tuple(picked)]

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """The whole array in memory, read a plane at a time."""
        made = np.empty(self.shape, dtype=dtype or self.dtype)
        for z in range(self.shape[0]):
            made[z] = self[z]
        return made

    def _blocks(self, voxels: tuple[slice, ...]) -> npt.NDArray[Any]:
        """Whole blocks, the axes of a block behind those of the grid: (z, y, x, block)."""
        read = np.asarray(self.array[voxels])
        pairs = [pair for n, f in zip(read.shape, self.factors, strict=True) for pair in (n // f, f)]
        grid = tuple(n // f for n, f in zip(read.shape, self.factors, strict=True))
        return read.reshape(pairs).transpose(0, 2, 4, 1, 3, 5).reshape(*grid, int(np.prod(self.factors)))

    def _reduced(self, blocks: npt.NDArray[Any]) -> npt.NDArray[Any]:
        with np.errstate(invalid="ignore", over="ignore"):  # what holds no number has no mean
            means: npt.NDArray[Any] = blocks.mean(axis=-1, dtype=np.float64).astype(self.dtype)
        return means


@dataclass(frozen=True, eq=False)
class BinnedMask(BinnedArray):
    """1 where at least half of the voxels of a block are above 0, else 0."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of a mask."""
        return np.dtype(np.uint8)

    def _reduced(self, blocks: npt.NDArray[Any]) -> npt.NDArray[Any]:
        counted: npt.NDArray[Any] = 2 * np.count_nonzero(blocks > 0, axis=-1) >= blocks.shape[-1]
        return counted.astype(self.dtype)


@dataclass(frozen=True, eq=False)
class BinnedLabels(BinnedArray):
    """The label that most voxels of a block have, the smallest where several are as frequent."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the labels."""
        own: np.dtype[Any] = np.dtype(self.array.dtype)
        return own

    def _reduced(self, blocks: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return most_frequent(blocks)


def binned(specimen: Specimen, factors: int | Sequence[int]) -> Specimen:
    """A specimen at a lower resolution, in the same place: volume, mask and box.

    Parameters
    ----------
    specimen
        At full resolution; its box is in its own voxels.
    factors
        How many voxels along (z, y, x) become one; one number stands for all three.

    Returns
    -------
    Specimen
        Its box holds every block in which the box had a part. It is read from the files when it is looked at; a
        project keeps voxels of its own.

    Raises
    ------
    InputError
        If fewer than `LEAST` voxels are left along an axis, or a factor is below 1.
    """
    z, y, x = (factors,) * 3 if isinstance(factors, int) else factors
    edges: Index3 = (z, y, x)
    if min(edges) < 1:
        raise InputError(f"Voxels cannot be binned by {min(edges)}; give whole numbers from 1.")
    if edges == (1, 1, 1):
        return specimen
    volume = binned_volume(specimen.volume, edges)
    mask = specimen.mask and binned_volume(specimen.mask, edges, BinnedMask)
    box = None if specimen.box is None else binned_box(specimen.region, edges, volume.shape)
    return Specimen(volume, mask, box)


def binned_volume(volume: Volume, factors: Index3, kind: type[BinnedArray] = BinnedArray) -> Volume:
    """`volume` at a lower resolution; each voxel is where the middle of its block was.

    Raises
    ------
    InputError
        If fewer than `LEAST` voxels are left along an axis.
    """
    if any(n < LEAST * f for n, f in zip(volume.shape, factors, strict=True) if f > 1):
        raise InputError(
            f"{volume.name} has {'×'.join(map(str, volume.shape))} voxels (z, y, x), too few to be binned by "
            f"{bin_text(factors)}; at least {LEAST} must be left along each axis."
        )
    z, y, x = (size * f for size, f in zip(volume.voxel_size, factors, strict=True))
    bz, by, bx = (before * f for before, f in zip(volume.binning, factors, strict=True))
    return replace(
        volume,
        channels=tuple(kind(channel, factors) for channel in volume.channels),
        voxel_size=(z, y, x),
        origin=volume.to_world(middle(factors)),
        sources=(),
        originals=volume.sources or volume.originals,
        binning=(bz, by, bx),
    )


def binned_box(box: Box, factors: Index3, shape: Sequence[int]) -> Box:
    """The blocks, of a grid of `shape`, that `box` of voxels has a part in; at least one."""
    start = [min(a // f, n - 1) for a, f, n in zip(box.start, factors, shape, strict=True)]
    stop = [min(n, max(a + 1, -(-b // f))) for a, b, f, n in zip(start, box.stop, factors, shape, strict=True)]
    (z0, y0, x0), (z1, y1, x1) = start, stop
    return Box((z0, y0, x0), (z1, y1, x1))


def middle(factors: Index3) -> Vector3:
    """Index (z, y, x), in voxels, of the middle of the first block."""
    z, y, x = ((factor - 1) / 2 for factor in factors)
    return z, y, x


def bin_text(factors: Index3) -> str:
    """Factors as a person writes them: one number where all are the same, else z,y,x.

    >>> bin_text((2, 2, 2)), bin_text((1, 2, 2))
    ('2', '1,2,2')
    """
    return str(factors[0]) if len(set(factors)) == 1 else ",".join(map(str, factors))


def _within(along: range, low: int) -> slice:
    """Slice that gives the positions in `along` of an array that begins at `low`."""
    stop = along.stop - low
    return slice(along.start - low, None if stop < 0 else stop, along.step) if along else slice(0, 0)
