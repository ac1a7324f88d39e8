"""What a header is written from: a grid with its place in the world, whether its voxels are labels or grey values."""

from collections.abc import Mapping
from typing import Any, Protocol

from napari_hypseg.volumes import Direction, Index3, Vector3


class SpatialGrid(Protocol):
    """A `Volume` and a `LabelImage` both are."""

    @property
    def shape(self) -> Index3:
        """Grid (z, y, x) in voxels."""
        ...

    @property
    def voxel_size(self) -> Vector3:
        """Edge lengths (z, y, x) of a voxel in `unit`."""
        ...

    @property
    def unit(self) -> str:
        """Name of a length, or ``"pixel"``."""
        ...

    @property
    def origin(self) -> Vector3:
        """Position (z, y, x) of the centre of voxel (0, 0, 0) in `unit`, along the voxel axes."""
        ...

    @property
    def direction(self) -> Direction | None:
        """Direction cosines of the voxel axes as in `Volume`, None where the file does not say."""
        ...

    @property
    def metadata(self) -> Mapping[str, Any]:
        """Metadata of the volume (a NIfTI affine, say)."""
        ...
