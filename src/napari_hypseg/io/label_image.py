"""A label image on its way to a file: a level of the hierarchy with its table applied slab by slab."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import OutputError
from napari_hypseg.io.streaming import iterate_slabs
from napari_hypseg.volumes import Direction, Index3, LazyArray, Vector3

Rgba = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class LabelImage:
    """Region ids on a grid with their place in the world.

    Parameters
    ----------
    data
        Lazy array (z, y, x) of unsigned integers; slicing gives region ids, 0 is outside.
    maximum
        Largest region id; it decides the dtype of the file.
    voxel_size, unit, origin, direction
        As in `Volume`.
    names, colours
        Region id to name and to RGBA in [0, 1].
    metadata
        Metadata of the volume the labels belong to (a NIfTI affine, say).
    inputs
        Files and folders that the labels were made from; they are never written over.
    """

    data: LazyArray
    maximum: int
    voxel_size: Vector3 = (1.0, 1.0, 1.0)
    unit: str = "pixel"
    origin: Vector3 = (0.0, 0.0, 0.0)
    names: Mapping[int, str] = field(default_factory=dict)
    colours: Mapping[int, Rgba] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    inputs: tuple[Path, ...] = ()
    direction: Direction | None = None

    @property
    def shape(self) -> Index3:
        """Grid (z, y, x) in voxels."""
        z, y, x = self.data.shape
        return int(z), int(y), int(x)

    def unsigned(self, largest: npt.DTypeLike = np.uint32) -> np.dtype[Any]:
        """Smallest unsigned dtype that holds every region id.

        Raises
        ------
        OutputError
            If not even `largest` does.
        """
        limit = np.iinfo(np.dtype(largest)).max
        if self.maximum > limit:
            raise OutputError(
                f"This format holds region ids up to {limit} but the largest is {self.maximum}; export fewer regions."
            )
        return np.min_scalar_type(self.maximum)

    def slabs(self, dtype: npt.DTypeLike) -> Iterator[tuple[int, npt.NDArray[Any]]]:
        """Walk through the planes: first plane and a C-ordered array (planes, y, x) of `dtype`, about 2 MB each."""
        return iterate_slabs(self.data, dtype)
