"""Merging the basins of neighbouring tiles where those of a whole volume are too many for one graph."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress, quietly
from napari_hypseg.supervoxels.basin_contacts import BasinContacts
from napari_hypseg.supervoxels.edge_keys import edge_ends
from napari_hypseg.supervoxels.features import BasinSums, SupervoxelFeatures
from napari_hypseg.supervoxels.graph_merging import merge_graph
from napari_hypseg.supervoxels.region_table import RegionTable
from napari_hypseg.supervoxels.tile_groups import TileGroup, tile_groups
from napari_hypseg.supervoxels.tiled_watershed import Basins
from napari_hypseg.supervoxels.workspace import Workspace

if TYPE_CHECKING:
    from napari_hypseg.inference.memory_fallback import MemoryFallback
    from napari_hypseg.inference.point_source import SpecimenSource


@dataclass(frozen=True, eq=False)
class GroupToMerge:
    """What is merged in one graph: a group of tiles, and all that is known of its basins."""

    group: TileGroup
    contacts: BasinContacts
    sums: BasinSums


@dataclass(frozen=True, eq=False)
class MergedGroup:
    """The region uint32 (n,), 0 … r−1, of each basin of a group of tiles of a specimen, and features of the regions."""

    specimen: int
    regions: npt.NDArray[np.uint32]
    features: SupervoxelFeatures


def merge_within_tiles(
    sums: BasinSums,
    fallback: "MemoryFallback[SpecimenSource]",
    workspace: Workspace,
    basins: Sequence[Basins],
    contacts: Sequence[BasinContacts],
    share: float,
) -> Job[tuple[SupervoxelFeatures, list[int], RegionTable]]:
    """Merge only basins of neighbouring tiles, several groups side by side, until a `share` of the basins is left.

    A group takes no more memory than a tile that is divided into basins. Yields ``Progress("merge", groups, all
    groups)``; returns features of the regions, how many each specimen has, and the region of each basin.
    """
    table, parts, counts = RegionTable(workspace.log("regions").cleared()), [], [0] * len(basins)
    plan = [
        (index, GroupToMerge(group, contacts[index].near(group.tiles), sums.near(index, group.near)))
        for index, found in enumerate(basins)
        for group in tile_groups(found)
    ]

    def take(merged: MergedGroup) -> None:
        table.append(merged.regions.astype(np.int64) + sum(counts))
        parts.append(merged.features)
        counts[merged.specimen] += len(merged.features)

    def progress(done: int) -> Progress:
        return Progress("merge", done, len(plan))

    yield from fallback.spread(plan, partial(_merge_group, share), take, progress)
    return SupervoxelFeatures.concatenated(parts), counts, table


def _merge_group(share: float, _: "SpecimenSource", index: int, item: GroupToMerge) -> MergedGroup:
    """Merge the basins of a group of tiles of specimen number `index`; a function of plain data."""
    start, stop = item.group.start, item.group.stop
    keys, areas = item.contacts.between(start, stop)
    features = item.sums.features(index, start, stop, item.group.near)
    target = max(1, round(share * (stop - start)))
    edges = np.stack(edge_ends(keys), axis=1)
    merged = quietly(merge_graph(features.mean_tangents(), features.sizes, edges, areas, target))
    return MergedGroup(index, merged.astype(np.uint32), features.merged(merged))
