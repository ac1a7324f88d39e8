"""Where the grid of a prior lies and how large its voxels are."""

from dataclasses import dataclass

from napari_hypseg.volumes.volume import Direction, Vector3


@dataclass(frozen=True)
class PriorFrame:
    """Voxels of a grid of labels.

    Parameters
    ----------
    spacing, unit
        Edges (z, y, x) of a voxel and the name of their unit, as in `Volume`.
    direction
        Of the axes, as in `Volume`.
    """

    spacing: Vector3
    unit: str
    direction: Direction | None
