"""Cells that cover a region of a volume: the grid of what is computed coarsely and shown at full resolution."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.storage.json_text import validated
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import relative_edges


@dataclass(frozen=True)
class CellGrid:
    """Cells of `factors` voxels from the corner of `region` on; the last ones of an axis end where the region does.

    Parameters
    ----------
    volume
        Voxels (z, y, x) of the volume.
    region
        The part of it that the cells cover.
    factors
        Edges (z, y, x) of a cell in voxels.
    """

    volume: Index3
    region: Box
    factors: Index3

    @property
    def shape(self) -> Index3:
        """Cells (z, y, x)."""
        z, y, x = (-(-n // f) for n, f in zip(self.region.shape, self.factors, strict=True))
        return z, y, x

    @property
    def is_whole_volume(self) -> bool:
        """Whether its cells are the voxels of the volume."""
        return self.factors == (1, 1, 1) and self.region == Box.whole(self.volume)

    def voxels(self, planes: slice = slice(None)) -> npt.NDArray[np.int64]:
        """Voxels int64 (z, y, x) of each cell, by default of all planes of cells."""
        z, y, x = (self._edges(axis) for axis in range(3))
        return z[planes, None, None] * y[:, None] * x

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "CellGrid":
        """Inverse of `as_json`.

        Raises
        ------
        ValueError
            If something is missing or of another kind, or cannot be.
        """
        made = validated(cls, record)
        if (
            min(made.factors) < 1
            or made.region.intersect(Box.whole(made.volume)) != made.region
            or not made.region.size
        ):
            raise ValueError("its cells do not lie in the volume")
        return made

    def _edges(self, axis: int) -> npt.NDArray[np.int64]:
        """Voxels of the cells along one axis."""
        n, factor = self.region.shape[axis], self.factors[axis]
        return np.minimum(factor, n - np.arange(0, n, factor)).astype(np.int64)


def cell_grids(specimens: Sequence[Specimen], most: int) -> list[CellGrid]:
    """The finest cells, as cubic as whole voxels allow and equally large in all specimens, of which there are `most`.

    Parameters
    ----------
    specimens
        Their regions are covered.
    most
        Cells of all specimens together, at most; more only where a volume is flat.
    """
    for edge in count(1):
        grids = [_grid(specimen, edge) for specimen in specimens]
        longest = max(max(grid.shape) for grid in grids)
        if sum(int(np.prod(grid.shape)) for grid in grids) <= most or longest == 1:
            return grids
    raise AssertionError("cells grow until there is one")


def _grid(specimen: Specimen, edge: int) -> CellGrid:
    """Cells of about `edge` times the finest voxel edge."""
    sizes = relative_edges(specimen.volume.voxel_size)
    region = specimen.region
    z, y, x = (min(n, max(1, round(edge / size))) for n, size in zip(region.shape, sizes, strict=True))
    return CellGrid(specimen.volume.shape, region, (z, y, x))
