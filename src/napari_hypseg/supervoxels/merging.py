"""Supervoxels: watershed basins merged with adjacent basins of similar features."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.supervoxels.adjacency import region_adjacency
from napari_hypseg.supervoxels.edge_keys import edge_ends, edge_keys, sum_by_key_job
from napari_hypseg.supervoxels.features import SupervoxelFeatures
from napari_hypseg.supervoxels.graph_merging import merge_graph
from napari_hypseg.supervoxels.relabelled_ids import RelabelledIds, relabelled_basins
from napari_hypseg.supervoxels.tiled_watershed import Basins
from napari_hypseg.supervoxels.watershed import connected_axes
from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import LazyArray

Numbers: TypeAlias = npt.NDArray[np.int64]

VOXELS = 1000
"""Voxels of a supervoxel, on average."""
FEWEST = 256
"""Supervoxels of a small volume, if so many leaves are wanted; each is then a leaf."""
MOST = 1_000_000
"""Basins merged in one graph, about 1.5 GB; of more, those of neighbouring tiles are merged first."""
SPARE = 2
"""Merging within tiles stops at this multiple of the supervoxels wanted in the end."""


@dataclass(frozen=True, eq=False)
class MergedSupervoxels:
    """Supervoxels and their region adjacency graph.

    Parameters
    ----------
    numbers
        int64 (n,); the supervoxel of each basin, 0 … r−1.
    specimens
        int64 (r,); the specimen of each supervoxel.
    edges, areas
        int64 (m, 2) adjacent supervoxels, each edge once, and int64 (m,) contact areas in voxel faces.
    """

    numbers: Numbers
    specimens: Numbers
    edges: Numbers
    areas: Numbers


@dataclass(frozen=True, eq=False)
class BoxPlanes:
    """The planes of `ids` inside `box`; a lazy array."""

    ids: RelabelledIds
    box: Box

    @property
    def shape(self) -> tuple[int, ...]:
        """Grid of the box."""
        return self.box.shape

    @property
    def dtype(self) -> Any:
        """Type of an id."""
        return self.ids.dtype

    @property
    def chunks(self) -> Any:
        """How thick the planes are best read."""
        return self.ids.chunks

    def __getitem__(self, planes: slice, /) -> Any:
        z, (_, rows, columns) = self.box.start[0], self.box.slices
        return self.ids[z + planes.start : z + planes.stop, rows, columns]


def merge_supervoxels(
    features: SupervoxelFeatures,
    specimens: Sequence[Specimen],
    ids: Sequence[LazyArray],
    basins: Sequence[Basins],
    wanted: int,
) -> Job[MergedSupervoxels]:
    """Merge adjacent basins of similar features into supervoxels.

    Yields `Progress` of the stages ``"touch"`` and ``"merge"``.

    Parameters
    ----------
    features
        Of the basins of all specimens.
    specimens, ids, basins
        The specimens, the arrays (z, y, x) of their basins, and how these are numbered.
    wanted
        Leaves.
    """
    target = max(int(features.sizes.sum()) // VOXELS, min(FEWEST, wanted))
    numbers = np.arange(len(features))
    kept = max(MOST, SPARE * target)
    if kept < len(features):
        numbers = yield from _merge_within_tiles(features, specimens, ids, basins, kept / len(features))
        features = features.merged(numbers)
    parts = np.split(numbers, np.cumsum([found.count for found in basins])[:-1])
    edges, areas = yield from _adjacency_of_all(specimens, ids, basins, numbers)
    merged = yield from merge_graph(features.mean_tangents(), features.sizes, edges, areas, target)
    one, other = merged[edges].T
    apart = one != other
    keys, faces = yield from sum_by_key_job(edge_keys(one[apart], other[apart]), areas[apart], Progress("merge", 1, 1))
    specimen_of = np.empty(int(merged.max()) + 1, dtype=np.int64)
    for specimen_number, part in enumerate(parts):
        specimen_of[merged[part]] = specimen_number
    return MergedSupervoxels(merged[numbers], specimen_of, np.stack(edge_ends(keys), axis=1), faces)


def _adjacency_of_all(
    specimens: Sequence[Specimen], ids: Sequence[LazyArray], basins: Sequence[Basins], numbers: Numbers
) -> Job[tuple[Numbers, Numbers]]:
    """Edges and contact areas of all specimens, between the regions `numbers` (n,) of their basins."""
    edges, areas = [], []
    for specimen, regions in zip(specimens, relabelled_basins(ids, basins, numbers), strict=True):
        planes = BoxPlanes(regions, specimen.region)
        found, area = yield from region_adjacency(planes, connected_axes(specimen.volume.voxel_size))
        edges.append(found)
        areas.append(area)
    return np.concatenate(edges), np.concatenate(areas)


def _merge_within_tiles(
    features: SupervoxelFeatures,
    specimens: Sequence[Specimen],
    ids: Sequence[LazyArray],
    basins: Sequence[Basins],
    share: float,
) -> Job[Numbers]:
    """As `merge_supervoxels`, until a `share` of the basins is left, merging only basins of neighbouring tiles."""
    numbers = np.zeros(len(features), dtype=np.int64)
    first = made = 0
    for specimen, array, found in zip(specimens, ids, basins, strict=True):
        axes = connected_axes(specimen.volume.voxel_size)
        for box, start, stop in _tile_groups(found):
            table = np.zeros(found.count + 1, dtype=np.uint32)
            table[start + 1 : stop + 1] = np.arange(1, stop - start + 1)
            edges, areas = yield from region_adjacency(BoxPlanes(RelabelledIds(array, table), box), axes)
            rows = slice(first + start, first + stop)
            part, target = features[rows], max(1, round(share * (stop - start)))
            numbers[rows] = made + (yield from merge_graph(part.mean_tangents(), part.sizes, edges, areas, target))
            made = int(numbers[rows].max()) + 1
        first += found.count
    return numbers


def _tile_groups(found: Basins) -> Iterator[tuple[Box, int, int]]:
    """Groups of consecutive tiles with at most `MOST` basins, or one tile: its box and its range of basins."""
    start, boxes = 0, list[Box]()
    ends = (*found.ends, found.ends[-1] + MOST + 1)
    for tile, end, after in zip(found.tiles, ends[:-1], ends[1:], strict=True):
        boxes.append(tile)
        if after - start > MOST:
            if end > start:
                yield _bounding_box(boxes), start, end
            start, boxes = end, []


def _bounding_box(boxes: Sequence[Box]) -> Box:
    z, y, x = (min(box.start[axis] for box in boxes) for axis in range(3))
    z1, y1, x1 = (max(box.stop[axis] for box in boxes) for axis in range(3))
    return Box((z, y, x), (z1, y1, x1))
