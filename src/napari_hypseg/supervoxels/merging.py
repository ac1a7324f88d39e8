"""Supervoxels: watershed basins merged with adjacent basins of similar features."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Notice, Progress
from napari_hypseg.supervoxels.adjacency import region_adjacency
from napari_hypseg.supervoxels.edge_keys import edge_ends, edge_keys, sum_by_key_job
from napari_hypseg.supervoxels.features import BasinSums, SupervoxelFeatures
from napari_hypseg.supervoxels.graph_merging import merge_graph
from napari_hypseg.supervoxels.memory_budget import AMPLE, MemoryBudget
from napari_hypseg.supervoxels.region_table import RegionTable
from napari_hypseg.supervoxels.relabelled_ids import RelabelledIds, relabelled_basins
from napari_hypseg.supervoxels.tiled_watershed import EDGE_ELSEWHERE, EDGES, Basins
from napari_hypseg.supervoxels.watershed import MARGIN, connected_axes
from napari_hypseg.supervoxels.workspace import Workspace
from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import LazyArray

Numbers: TypeAlias = npt.NDArray[np.int64]

VOXELS = 1000
"""Voxels of a supervoxel, on average."""
FEWEST = 256
"""Supervoxels of a small volume, if so many leaves are wanted; each is then a leaf."""
GROUP = 100_000
"""Basins, about, of the tiles that are merged first, where there are too many in all."""
SPARE = 2
"""Merging within tiles stops at this multiple of the supervoxels wanted in the end."""
REACH = max(*EDGES.values(), EDGE_ELSEWHERE) + 2 * MARGIN
"""Voxels that a basin may reach beyond the tiles in which it was met first: into their neighbours."""


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


@dataclass(frozen=True, eq=False)
class IdRange:
    """The `ids` above `start` up to `stop`, counted from 1, and 0 in place of the others; a lazy array."""

    ids: LazyArray
    start: int
    stop: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Grid of the ids."""
        return self.ids.shape

    @property
    def dtype(self) -> Any:
        """Type of an id."""
        return self.ids.dtype

    @property
    def chunks(self) -> Any:
        """How the ids are best read."""
        return getattr(self.ids, "chunks", None)

    def __getitem__(self, index: Any, /) -> Any:
        ids = np.asarray(self.ids[index])
        return np.where((ids > self.start) & (ids <= self.stop), ids - self.start, 0).astype(np.uint32)


def merge_supervoxels(
    sums: BasinSums,
    specimens: Sequence[Specimen],
    workspace: Workspace,
    basins: Sequence[Basins],
    wanted: int,
    voxels: int = VOXELS,
) -> Job[tuple[SupervoxelFeatures, MergedSupervoxels]]:
    """Merge adjacent basins of similar features into supervoxels; gives their features too.

    Where there are more basins than regions fit into the memory of `workspace`, those of neighbouring tiles are merged
    first; and no more than half of the regions that fit are supervoxels. Yields `Progress` of the stages ``"touch"``
    and ``"merge"``, and a `Notice` if more memory would give more supervoxels.

    Parameters
    ----------
    sums
        Of the basins of all specimens.
    specimens, workspace, basins
        The specimens, the arrays (z, y, x) of their basins, and how these are numbered.
    wanted
        Leaves.
    voxels
        Of a supervoxel, on average.
    """
    regions_held = workspace.memory.regions_held
    target = max(min(sums.voxels() // voxels, regions_held // SPARE), min(FEWEST, wanted))
    share = regions_held / max(1, sum(found.count for found in basins))
    if share >= 1:
        features, counts, table = _basins_as_they_are(sums, specimens, basins)
    else:
        yield from _short_of_memory(workspace.memory)
        features, counts, table = yield from _merge_within_tiles(sums, specimens, workspace, basins, share)
    return (yield from _merge_all((features, counts, table), specimens, workspace, basins, target))


def merge_regions(
    features: SupervoxelFeatures, specimens: Sequence[Specimen], workspace: Workspace, basins: Sequence[Basins],
    wanted: int,
) -> Job[tuple[SupervoxelFeatures, MergedSupervoxels]]:  # fmt: skip
    """As `merge_supervoxels`, of basins whose `features` are in memory."""
    target = max(int(features.sizes.sum()) // VOXELS, min(FEWEST, wanted))
    counts = [found.count for found in basins]
    regions = features, counts, RegionTable.of(np.arange(sum(counts)))
    return (yield from _merge_all(regions, specimens, workspace, basins, target))


def _merge_all(
    regions: "Regions", specimens: Sequence[Specimen], workspace: Workspace, basins: Sequence[Basins], target: int
) -> Job[tuple[SupervoxelFeatures, MergedSupervoxels]]:
    """Merge adjacent regions of similar features until `target` are left."""
    features, counts, table = regions
    edges, areas = yield from _adjacency_of_all(specimens, relabelled_basins(workspace.basins, basins, table))
    merged = yield from merge_graph(features.mean_tangents(), features.sizes, edges, areas, target)
    one, other = merged[edges].T
    apart = one != other
    keys, faces = yield from sum_by_key_job(edge_keys(one[apart], other[apart]), areas[apart], Progress("merge", 1, 1))
    specimen_of = np.empty(int(merged.max()) + 1, dtype=np.int64)
    specimen_of[merged] = np.repeat(np.arange(len(specimens)), counts)
    supervoxels = MergedSupervoxels(table.mapped(merged), specimen_of, np.stack(edge_ends(keys), axis=1), faces)
    return features.merged(merged), supervoxels


def _short_of_memory(memory: MemoryBudget) -> Job[None]:
    if memory.regions_held < AMPLE.regions_held:
        yield Notice(
            f"With {memory.bytes / 1e9:.1f} GB of memory the regions that leaves are made of are larger than they "
            f"could be; {AMPLE.bytes / 1e9:.1f} GB would do.",
        )


def _adjacency_of_all(specimens: Sequence[Specimen], regions: Sequence[RelabelledIds]) -> Job[tuple[Numbers, Numbers]]:
    """Edges and contact areas of the `regions` (z, y, x) of all specimens."""
    edges, areas = [], []
    for specimen, ids in zip(specimens, regions, strict=True):
        axes = connected_axes(specimen.volume.voxel_size)
        found, area = yield from region_adjacency(ids, axes, specimen.region)
        edges.append(found)
        areas.append(area)
    return np.concatenate(edges), np.concatenate(areas)


Regions: TypeAlias = tuple[SupervoxelFeatures, list[int], RegionTable]
"""Features of the regions of all specimens, how many each specimen has, and the region of each basin."""


def _basins_as_they_are(sums: BasinSums, specimens: Sequence[Specimen], basins: Sequence[Basins]) -> Regions:
    counts = [found.count for found in basins]
    both = enumerate(zip(specimens, counts, strict=True))
    parts = [sums.features(number, 0, count, specimen.region) for number, (specimen, count) in both]
    return SupervoxelFeatures.concatenated(parts), counts, RegionTable.of(np.arange(sum(counts)))


def _merge_within_tiles(
    sums: BasinSums, specimens: Sequence[Specimen], workspace: Workspace, basins: Sequence[Basins], share: float
) -> Job[Regions]:
    """Merge only basins of neighbouring tiles, group by group, until a `share` of the basins is left."""
    table, parts, counts = RegionTable(workspace.log("regions").cleared()), [], []
    made = 0
    for number, (specimen, found) in enumerate(zip(specimens, basins, strict=True)):
        axes, before = connected_axes(specimen.volume.voxel_size), made
        for box, start, stop in _tile_groups(found):
            ids = IdRange(workspace.basins[number], start, stop)
            edges, areas = yield from region_adjacency(ids, axes, box)
            part = sums.features(number, start, stop, box.grow((REACH,) * 3))
            target = max(1, round(share * (stop - start)))
            merged = yield from merge_graph(part.mean_tangents(), part.sizes, edges, areas, target)
            table.append(made + merged)
            parts.append(part.merged(merged))
            made += len(parts[-1])
        counts.append(made - before)
    return SupervoxelFeatures.concatenated(parts), counts, table


def _tile_groups(found: Basins) -> Iterator[tuple[Box, int, int]]:
    """Consecutive tiles of one row of tiles or several, with at most `GROUP` basins, or one tile: box, basins."""
    start = before = 0
    boxes = list[Box]()
    for tile, end in zip(found.tiles, found.ends, strict=True):
        if before > start and (end - start > GROUP or tile.start[0] != boxes[0].start[0]):
            yield _bounding_box(boxes), start, before
            start, boxes = before, []
        boxes.append(tile)
        before = end
    if before > start:
        yield _bounding_box(boxes), start, before


def _bounding_box(boxes: Sequence[Box]) -> Box:
    z, y, x = (min(box.start[axis] for box in boxes) for axis in range(3))
    z1, y1, x1 = (max(box.stop[axis] for box in boxes) for axis in range(3))
    return Box((z, y, x), (z1, y1, x1))
