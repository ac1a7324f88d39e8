"""Region ids of a volume looked up as they are read, so that no second volume of ids is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_hypseg.supervoxels.local_ids import LocalIds
from napari_hypseg.supervoxels.region_table import RegionTable
from napari_hypseg.volumes.volume import LazyArray

if TYPE_CHECKING:
    from napari_hypseg.supervoxels.tiled_watershed import Basins


@dataclass(frozen=True, eq=False)
class RelabelledIds:
    """The region + 1, uint32, of each voxel, 0 outside; a lazy array of the grid of `ids`.

    Parameters
    ----------
    ids
        uint32 (z, y, x); basins of one specimen from 1, 0 outside.
    first, table
        The number of the specimen's first basin in the table of the regions of all basins.
    """

    ids: LazyArray
    first: int
    table: RegionTable

    @property
    def shape(self) -> tuple[int, ...]:
        """Grid of the ids."""
        return self.ids.shape

    @property
    def dtype(self) -> Any:
        """Type of an id."""
        return np.dtype(np.uint32)

    @property
    def chunks(self) -> Any:
        """How the ids are best read."""
        return getattr(self.ids, "chunks", None)

    def __getitem__(self, index: Any, /) -> Any:
        here = LocalIds.of(np.asarray(self.ids[index]))
        regions = np.zeros(len(here.distinct), dtype=np.uint32)
        regions[1:] = self.table.at(here.distinct[1:] + (self.first - 1)) + 1
        return regions[here.numbers]


def relabelled_basins(ids: Sequence[LazyArray], basins: "Sequence[Basins]", table: RegionTable) -> list[RelabelledIds]:
    """The region of each voxel, region i as i + 1 in all specimens, where `table` has the regions of all basins.

    Parameters
    ----------
    ids, basins
        Basin ids (z, y, x) of each specimen, and how they are numbered.
    table
        The region of each basin, those of all specimens one after the other.
    """
    firsts = np.cumsum([0, *(found.count for found in basins)]).tolist()
    return [RelabelledIds(array, first, table) for array, first in zip(ids, firsts, strict=False)]
