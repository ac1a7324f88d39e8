"""Supervoxels: watershed basins merged with adjacent basins of similar features."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Notice, Progress
from napari_hypseg.supervoxels.basin_contacts import BasinContacts, count_contacts, region_edges
from napari_hypseg.supervoxels.edge_keys import edge_ends, edge_keys, sum_by_key_job
from napari_hypseg.supervoxels.features import BasinSums, SupervoxelFeatures
from napari_hypseg.supervoxels.graph_merging import merge_graph
from napari_hypseg.supervoxels.group_merging import merge_within_tiles
from napari_hypseg.supervoxels.memory_budget import AMPLE, MemoryBudget
from napari_hypseg.supervoxels.region_table import RegionTable
from napari_hypseg.supervoxels.tiled_watershed import Basins
from napari_hypseg.supervoxels.workspace import Workspace

if TYPE_CHECKING:
    from napari_hypseg.inference.memory_fallback import MemoryFallback
    from napari_hypseg.inference.point_source import SpecimenSource

Numbers: TypeAlias = npt.NDArray[np.int64]

VOXELS = 1000
"""Voxels of a supervoxel, on average."""
FINEST, PER_LEAF = 250, 30
"""Voxels of a supervoxel, on average, at least, and supervoxels for each leaf, where several specimens share leaves: of
few supervoxels in a leaf all are of one specimen by chance."""
FEWEST = 256
"""Supervoxels of a small volume, if so many leaves are wanted; each is then a leaf."""
SPARE = 2
"""Merging within tiles stops at this multiple of the supervoxels wanted in the end."""


@dataclass(frozen=True, eq=False)
class MergedSupervoxels:
    """Supervoxels and their region adjacency graph.

    Parameters
    ----------
    numbers
        The supervoxel, 0 … r−1, of each basin.
    specimens
        int64 (r,); the specimen of each supervoxel.
    edges, areas
        int64 (m, 2) adjacent supervoxels, each edge once, and int64 (m,) contact areas in voxel faces.
    """

    numbers: RegionTable
    specimens: Numbers
    edges: Numbers
    areas: Numbers


def merge_supervoxels(
    sums: BasinSums,
    fallback: "MemoryFallback[SpecimenSource]",
    workspace: Workspace,
    basins: Sequence[Basins],
    wanted: int,
    voxels: int = VOXELS,
    shared: bool = False,
) -> Job[tuple[SupervoxelFeatures, MergedSupervoxels]]:
    """Merge adjacent basins of similar features into supervoxels; gives their features too.

    Where there are more basins than regions fit into the memory of `workspace`, those of neighbouring tiles are merged
    first; and no more than half of the regions that fit are supervoxels. Yields `Progress` of the stages ``"touch"``
    and ``"merge"``, and a `Notice` if more memory would give more supervoxels.

    Parameters
    ----------
    sums
        Of the basins of all specimens.
    fallback
        The sources of the specimens.
    workspace, basins
        The arrays (z, y, x) of the basins of each specimen, and how these are numbered.
    wanted
        Leaves.
    voxels
        Of a supervoxel, on average.
    shared
        Whether leaves are those of several specimens, and supervoxels smaller if it takes that for `PER_LEAF`.
    """
    regions_held, total = workspace.memory.regions_held, sums.voxels()
    usual = max(total // voxels, min(total // FINEST, PER_LEAF * wanted)) if shared else total // voxels
    target = max(min(usual, regions_held // SPARE), min(FEWEST, wanted))
    share = regions_held / max(1, sum(found.count for found in basins))
    if share < 1:
        yield from _short_of_memory(workspace.memory)
    contacts = yield from count_contacts(fallback, workspace, basins)
    if share >= 1:
        regions = _basins_as_they_are(sums, fallback, basins)
    else:
        regions = yield from merge_within_tiles(sums, fallback, workspace, basins, contacts, share)
    return (yield from _merge_all(regions, contacts, target))


def merge_regions(
    features: SupervoxelFeatures,
    fallback: "MemoryFallback[SpecimenSource]",
    workspace: Workspace,
    basins: Sequence[Basins],
    wanted: int,
) -> Job[tuple[SupervoxelFeatures, MergedSupervoxels]]:
    """As `merge_supervoxels`, of basins whose `features` are in memory."""
    target = max(int(features.sizes.sum()) // VOXELS, min(FEWEST, wanted))
    counts = [found.count for found in basins]
    contacts = yield from count_contacts(fallback, workspace, basins)
    return (yield from _merge_all((features, counts, RegionTable.of(np.arange(sum(counts)))), contacts, target))


def _merge_all(
    regions: "Regions", contacts: Sequence[BasinContacts], target: int
) -> Job[tuple[SupervoxelFeatures, MergedSupervoxels]]:
    """Merge adjacent regions of similar features until `target` are left."""
    features, counts, table = regions
    edges, areas = yield from region_edges(contacts, table, "merge")
    merged = yield from merge_graph(features.mean_tangents(), features.sizes, edges, areas, target)
    one, other = merged[edges].T
    apart = one != other
    keys, faces = yield from sum_by_key_job(edge_keys(one[apart], other[apart]), areas[apart], Progress("merge", 1, 1))
    specimen_of = np.empty(int(merged.max()) + 1, dtype=np.int64)
    specimen_of[merged] = np.repeat(np.arange(len(counts)), counts)
    supervoxels = MergedSupervoxels(table.mapped(merged), specimen_of, np.stack(edge_ends(keys), axis=1), faces)
    return features.merged(merged), supervoxels


def _short_of_memory(memory: MemoryBudget) -> Job[None]:
    if memory.regions_held < AMPLE.regions_held:
        yield Notice(
            f"With {memory.bytes / 1e9:.1f} GB of memory the regions that leaves are made of are larger than they "
            f"could be; {AMPLE.bytes / 1e9:.1f} GB would do.",
        )


Regions: TypeAlias = tuple[SupervoxelFeatures, list[int], RegionTable]
"""Features of the regions of all specimens, how many each specimen has, and the region of each basin."""


def _basins_as_they_are(
    sums: BasinSums, fallback: "MemoryFallback[SpecimenSource]", basins: Sequence[Basins]
) -> Regions:
    counts = [found.count for found in basins]
    both = enumerate(zip(fallback.sources, counts, strict=True))
    parts = [sums.features(number, 0, count, source.specimen.region) for number, (source, count) in both]
    return SupervoxelFeatures.concatenated(parts), counts, RegionTable.of(np.arange(sum(counts)))
