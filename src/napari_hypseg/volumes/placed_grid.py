"""A grid of voxels with its place in the world, whatever its voxels hold."""

from typing import Protocol

from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.volume import Vector3


class PlacedGrid(Protocol):
    """A `Volume`, a `LabelImage` and the record of a specimen all are."""

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
