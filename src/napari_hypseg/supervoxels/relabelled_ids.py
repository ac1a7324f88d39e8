"""Region ids of a volume mapped through a table as they are read, so that no second volume of ids is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.volumes.volume import LazyArray

if TYPE_CHECKING:
    from napari_hypseg.supervoxels.tiled_watershed import Basins


@dataclass(frozen=True, eq=False)
class RelabelledIds:
    """Ids mapped through `table` (n + 1,); a lazy array of the grid of `ids`."""

    ids: LazyArray
    table: npt.NDArray[np.uint32]

    @property
    def shape(self) -> tuple[int, ...]:
        """Grid of the ids."""
        return self.ids.shape

    @property
    def dtype(self) -> Any:
        """Type of an id."""
        return self.table.dtype

    @property
    def chunks(self) -> Any:
        """How the ids are best read."""
        return getattr(self.ids, "chunks", None)

    def __getitem__(self, index: Any, /) -> Any:
        return self.table[np.asarray(self.ids[index])]


def relabelled_basins(
    ids: Sequence[LazyArray], basins: "Sequence[Basins]", numbers: npt.NDArray[np.int64]
) -> list[RelabelledIds]:
    """The region of each voxel, region i as i + 1 in all specimens, of the regions `numbers` (n,) of all basins.

    Parameters
    ----------
    ids, basins
        Basin ids (z, y, x) of each specimen, and how they are numbered.
    numbers
        int64 (n,); the region of each basin, those of all specimens one after the other.
    """
    parts = np.split(numbers + 1, np.cumsum([found.count for found in basins])[:-1])
    tables = [np.concatenate([[0], part]).astype(np.uint32) for part in parts]
    return [RelabelledIds(array, table) for array, table in zip(ids, tables, strict=True)]
