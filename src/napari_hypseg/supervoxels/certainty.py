"""How certain it is that regions belong to their leaf: a volume of it, and where to look first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.supervoxels.region_table import RegionTable
from napari_hypseg.supervoxels.relabelled_ids import relabelled_basins
from napari_hypseg.supervoxels.workspace import Workspace, WritableArray, tiles
from napari_hypseg.volumes.specimen import Specimen

if TYPE_CHECKING:
    from napari_hypseg.supervoxels.tiled_watershed import Basins

Numbers = npt.NDArray[np.int64]
DOUBTFUL = 0.5
"""Certainty below which a region is doubtful: it is more than twice as far from its leaf as is usual there."""


@dataclass(frozen=True, eq=False)
class DoubtfulGroups:
    """Doubtful supervoxels that are adjacent, put together; the group with the most voxels first.

    Parameters
    ----------
    numbers
        int64 (r,); the group of each supervoxel from 1, 0 for those that are in none.
    sizes
        int64 (g,); voxels of each group.
    certainties
        float64 (g,); mean over the voxels of each group.
    """

    numbers: Numbers
    sizes: Numbers
    certainties: npt.NDArray[np.float64]


def doubtful_groups(
    certainties: npt.NDArray[np.float32], sizes: Numbers, edges: Numbers, most: int, limit: float = DOUBTFUL
) -> DoubtfulGroups:
    """Connected groups of supervoxels whose certainty is below `limit`, at most the `most` largest ones.

    Parameters
    ----------
    certainties, sizes
        float32 (r,) and int64 (r,): of the supervoxels.
    edges
        int64 (m, 2); adjacent supervoxels.
    """
    n, doubtful = len(sizes), certainties < limit
    one, other = edges[doubtful[edges].all(axis=1)].T
    links = coo_array((np.ones(len(one), dtype=np.bool_), (one, other)), shape=(n, n))
    count, parts = connected_components(links, directed=False)
    voxels = np.bincount(parts, np.where(doubtful, sizes, 0), count).astype(np.int64)
    largest = np.argsort(-voxels, kind="stable")[:most]
    largest = largest[voxels[largest] > 0]
    ranks = np.zeros(count, dtype=np.int64)
    ranks[largest] = np.arange(1, len(largest) + 1)
    sums = np.bincount(parts, np.where(doubtful, sizes * certainties, 0), count)
    return DoubtfulGroups(ranks[parts], voxels[largest], sums[largest] / np.maximum(voxels[largest], 1))


def write_certainty(
    specimens: Sequence[Specimen],
    workspace: Workspace,
    basins: "Sequence[Basins]",
    numbers: RegionTable,
    certainties: npt.NDArray[np.float32],
    arrays: Sequence[WritableArray],
) -> Job[None]:
    """Write the certainty of every voxel, that of its supervoxel; yields `Progress` of the stage ``"leaves"``.

    Parameters
    ----------
    specimens, workspace, basins, numbers
        The specimens, their basins, and the supervoxel of each basin.
    certainties
        float32 (r,) in [0, 1]; of the supervoxels.
    arrays
        uint8 (z, y, x) of each specimen, where it is written: in percent, at least 1, and 0 outside.
    """
    percents = np.clip(np.rint(100 * certainties), 1, 100).astype(np.int64)
    found = relabelled_basins(workspace.basins, basins, numbers.mapped(percents - 1))
    places = [(index, tile) for index, specimen in enumerate(specimens) for tile in tiles(specimen.region)]
    for done, (index, tile) in enumerate(places):
        yield Progress("leaves", done, len(places))
        arrays[index][tile.slices] = found[index][tile.slices].astype(np.uint8)
