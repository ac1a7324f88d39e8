"""A volume: lazy channels on one grid with their place in the world. Nothing above knows the file format."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from napari_hypseg.volumes.box import Box, Index3

Vector3 = tuple[float, float, float]
GreyValues: TypeAlias = npt.NDArray[np.floating[Any]]
"""float32, or float64 where that would round them."""
Direction = tuple[Vector3, Vector3, Vector3]
"""Direction cosines of the voxel axes: row *i*, column *j* is the part along world axis *i* of voxel axis *j*."""
NO_METADATA: Mapping[str, Any] = MappingProxyType({})


class VoxelSizeNote(str):
    """A note about a doubtful voxel size; removed when the voxel size is corrected."""

    __slots__ = ()


class LazyArray(Protocol):
    """What a channel has to offer: NumPy arrays, memory maps, zarr and dask arrays all do."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Grid."""
        ...

    @property
    def dtype(self) -> Any:
        """NumPy's dtype of a voxel, or its name."""
        ...

    def __getitem__(self, index: Any, /) -> Any: ...


@dataclass(frozen=True, eq=False)
class Volume:
    """One or several channels on one grid.

    Parameters
    ----------
    channels
        Lazy arrays of shape (z, y, x), any real dtype, all of one shape.
    voxel_size
        Edge lengths of a voxel (z, y, x) in `unit`.
    unit
        Name of a length as pint knows it (``"angstrom"``, ``"nanometer"``, ``"micrometer"``, ``"millimeter"``)
        or ``"pixel"`` where the file does not say.
    origin
        Position (z, y, x) of the centre of voxel (0, 0, 0) in `unit`, along the voxel axes: for axes that lie along
        those of the world, its position there.
    name
        Word for the person, usually the file's stem.
    sources
        Files of the channels; empty for an array in memory.
    notes
        Sentences the person should read, such as a voxel size of 0 that was replaced.
    metadata
        What a format needs to write a companion file on the same grid (a NIfTI affine, say).
    direction
        3×3 direction cosines of the voxel axes, None where the file does not say. Rows are the axes (z, y, x) of the
        file's world, columns the voxel axes (z, y, x), each of length 1, so that voxel ``i`` (z, y, x) lies in the
        world at ``direction @ (origin + i * voxel_size)``. For NIfTI the world's z, y, x grow towards superior,
        anterior and right (its RAS+, read backwards). MRC, TIFF, NumPy and Zarr know no direction.
    originals
        Files that the voxels were computed from, where they are not those of `sources`.
    binning
        Voxels (z, y, x) of the originals that went into one voxel.
    """

    channels: tuple[LazyArray, ...]
    voxel_size: Vector3 = (1.0, 1.0, 1.0)
    unit: str = "pixel"
    origin: Vector3 = (0.0, 0.0, 0.0)
    name: str = "volume"
    sources: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=lambda: NO_METADATA)
    direction: Direction | None = None
    originals: tuple[Path, ...] = ()
    binning: Index3 = (1, 1, 1)

    @property
    def shape(self) -> Index3:
        """Grid (z, y, x) in voxels."""
        z, y, x = self.channels[0].shape
        return int(z), int(y), int(x)

    @property
    def box(self) -> Box:
        """The whole grid as a box."""
        return Box.whole(self.shape)

    def read(self, box: Box) -> GreyValues:
        """Voxels of `box` (inside the grid), shape (c, z, y, x), as float32, or float64 where that would round them."""
        dtype = grey_dtype([channel.dtype for channel in self.channels])
        return np.stack([np.asarray(channel[box.slices], dtype=dtype) for channel in self.channels])

    def to_world(self, index: Sequence[float]) -> Vector3:
        """Position (z, y, x) in `unit` along the voxel axes of a voxel index (z, y, x)."""
        z, y, x = (o + i * s for o, i, s in zip(self.origin, index, self.voxel_size, strict=True))
        return z, y, x

    def to_voxel(self, world: Sequence[float]) -> Vector3:
        """Fractional voxel index (z, y, x) of a position (z, y, x) in `unit` along the voxel axes."""
        z, y, x = ((w - o) / s for w, o, s in zip(world, self.origin, self.voxel_size, strict=True))
        return z, y, x

    def with_voxel_size(self, voxel_size: Vector3, unit: str) -> "Volume":
        """This volume with a voxel size that its file does not say, or says wrongly.

        The origin keeps its distance from the world's zero in voxels, so that a crop and the whole it was cut from
        still fit when both are corrected. What files are compared with one another by is what they say themselves:
        join channels and masks before.

        Parameters
        ----------
        voxel_size
            Edge lengths (z, y, x) in `unit`.
        unit
            As in `Volume`.
        """
        both = zip(self.origin, self.voxel_size, voxel_size, strict=True)
        z, y, x = (start / before * now for start, before, now in both)
        notes = tuple(note for note in self.notes if not isinstance(note, VoxelSizeNote))
        return replace(self, voxel_size=voxel_size, unit=unit, origin=(z, y, x), notes=notes)

    @cached_property
    def fingerprint(self) -> str:
        """Short hash of grid, voxel size and a sample of the voxels: the same file gives the same on any machine.

        The direction is no part of it; what is learned from a volume does not depend on which way it lies.
        """
        digest = hashlib.sha256(repr((self.shape, self.voxel_size, self.unit, self.origin)).encode())
        for channel in self.channels:
            digest.update(np.dtype(channel.dtype).str.encode())
            for start in np.linspace(0, 1, 8):
                corner = [int(start * max(0, n - 16)) for n in self.shape]
                block = channel[tuple(slice(a, a + 16) for a in corner)]
                digest.update(np.ascontiguousarray(block).tobytes())
        return digest.hexdigest()[:16]


def grey_dtype(dtypes: Sequence[npt.DTypeLike]) -> np.dtype[Any]:
    """The floating-point type for voxels of all of `dtypes`: float32 if it holds them exactly, else float64."""
    single = all(np.can_cast(dtype, np.float32, "safe") for dtype in dtypes)
    return np.dtype(np.float32 if single else np.float64)


def relative_edges(voxel_size: Vector3) -> Vector3:
    """Edge lengths (z, y, x) of a voxel relative to the shortest."""
    z, y, x = (edge / min(voxel_size) for edge in voxel_size)
    return z, y, x
