"""What a header is written from: a grid with its place in the world, whether its voxels are labels or grey values."""

from collections.abc import Mapping
from typing import Any, Protocol

from napari_hypseg.volumes import Direction
from napari_hypseg.volumes.placed_grid import PlacedGrid


class SpatialGrid(PlacedGrid, Protocol):
    """A `Volume` and a `LabelImage` both are."""

    @property
    def direction(self) -> Direction | None:
        """Direction cosines of the voxel axes as in `Volume`, None where the file does not say."""
        ...

    @property
    def metadata(self) -> Mapping[str, Any]:
        """Metadata of the volume (a NIfTI affine, say)."""
        ...
