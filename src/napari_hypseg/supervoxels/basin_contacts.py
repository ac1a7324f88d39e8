"""Which basins touch: their faces are counted once, tile by tile, and kept for every graph that is made of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.jobs.worker_pool import worker_pool
from napari_hypseg.storage.record_log import RecordLog
from napari_hypseg.supervoxels.adjacency import contact_areas
from napari_hypseg.supervoxels.edge_keys import Ints, edge_ends, edge_keys, sum_by_key
from napari_hypseg.supervoxels.edge_sums import EdgeSums
from napari_hypseg.supervoxels.local_ids import LocalIds
from napari_hypseg.supervoxels.region_table import RegionTable
from napari_hypseg.supervoxels.watershed import connected_axes
from napari_hypseg.supervoxels.workspace import Workspace
from napari_hypseg.volumes.box import Box

if TYPE_CHECKING:
    from napari_hypseg.inference.memory_fallback import MemoryFallback
    from napari_hypseg.inference.point_source import SpecimenSource
    from napari_hypseg.supervoxels.tiled_watershed import Basins


@dataclass(frozen=True, eq=False)
class BasinContacts:
    """The contacts of the basins of one specimen.

    Parameters
    ----------
    log
        For each tile the keys int64 (m,) of pairs of basin ids, from 1, and the contact areas int32 (m,) in faces that
        voxels of the tile are behind.
    first
        Number of the specimen's first basin among those of all specimens.
    """

    log: RecordLog
    first: int

    def near(self, tiles: Iterable[int]) -> "BasinContacts":
        """Those in some of the tiles only."""
        return BasinContacts(self.log.chosen(tiles), self.first)

    def between(self, start: int, stop: int) -> tuple[Ints, Ints]:
        """Keys of the edges between basins `start` to `stop` − 1, as numbers from 0 of `start` on, and their areas."""
        sums = []
        for keys, areas in (self.log[tile] for tile in range(len(self.log))):
            low, high = edge_ends(keys)
            inside = (low > start) & (high <= stop)
            sums.append((edge_keys(low[inside], high[inside]), areas[inside].astype(np.int64)))
        keys, areas = sum_by_key(*(np.concatenate(part) for part in zip(*sums, strict=True)))
        low, high = edge_ends(keys)
        return edge_keys(low - (start + 1), high - (start + 1)), areas

    def of_regions(self, table: RegionTable, tile: int) -> tuple[Ints, Ints]:
        """Keys of the edges between regions, from 0, that basins are parts of, in one tile, and their areas."""
        keys, areas = self.log[tile]
        here = LocalIds.of(np.stack(edge_ends(keys)))
        regions = np.zeros(len(here.distinct), dtype=np.int64)
        regions[1:] = table.at(here.distinct[1:] + (self.first - 1))
        one, other = regions[here.numbers]
        apart = one != other
        return sum_by_key(edge_keys(one[apart], other[apart]), areas[apart].astype(np.int64))


def count_contacts(
    fallback: "MemoryFallback[SpecimenSource]", workspace: Workspace, basins: "Sequence[Basins]"
) -> Job[list[BasinContacts]]:
    """Count the faces between basins of every specimen; yields ``Progress("touch", tiles, all tiles)``.

    Tiles that are in the log of `workspace` already are not looked at again.

    Parameters
    ----------
    fallback
        The sources of the specimens.
    workspace, basins
        Arrays (z, y, x) of the basins of each specimen, and how these are numbered.
    """
    firsts = np.cumsum([0, *(found.count for found in basins)]).tolist()
    logs = [workspace.log(f"contacts-{index}") for index in range(len(basins))]
    left = [
        (index, tile)
        for index, (found, log) in enumerate(zip(basins, logs, strict=True))
        for tile in islice(found.tiles, len(log), None)
    ]
    before = sum(map(len, logs))

    def take(counted: tuple[int, Ints, Ints]) -> None:
        index, keys, areas = counted
        logs[index].append(keys, areas.astype(np.int32))

    def progress(done: int) -> Progress:
        return Progress("touch", before + done, before + len(left))

    yield from fallback.spread(left, partial(_contacts_of_tile, workspace), take, progress)
    return [BasinContacts(log, first) for log, first in zip(logs, firsts, strict=False)]


def _contacts_of_tile(workspace: Workspace, source: "SpecimenSource", index: int, tile: Box) -> tuple[int, Ints, Ints]:
    """Specimen number `index`, and the contacts in one of its tiles; a function of plain data."""
    axes = connected_axes(source.specimen.volume.voxel_size)
    keys, areas = contact_areas(workspace.basins[index], axes, source.specimen.region, tile)
    return index, keys, areas


def region_edges(contacts: Sequence[BasinContacts], table: RegionTable, stage: str) -> Job[tuple[Ints, Ints]]:
    """The region adjacency graph of all specimens; yields `Progress` of `stage`.

    Parameters
    ----------
    contacts
        Of the basins of each specimen.
    table
        The region of each basin.
    stage
        What this is a part of.

    Returns
    -------
    tuple
        Edges int64 (m, 2), regions counted from 0, the lower number first, in ascending order; and contact areas
        int64 (m,), the number of voxel faces the two share.
    """
    sums = EdgeSums()
    tiles = [(found, tile) for found in contacts for tile in range(len(found.log))]

    def of_tile(item: tuple[BasinContacts, int]) -> tuple[Ints, Ints]:
        found, tile = item
        return found.of_regions(table, tile)

    with worker_pool() as pool:
        yield from pool.map(of_tile, tiles, sums.add, lambda done: Progress(stage, done, len(tiles)))
    keys, areas = yield from sums.total(Progress(stage, 1, 1))
    return np.stack(edge_ends(keys), axis=1), areas
