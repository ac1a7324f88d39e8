"""Joining regions that touch and look alike, so that many become one where all is alike."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from napari_hypseg.encoding.merging import merging_job
from napari_hypseg.encoding.pairs import pair_ends, pair_keys, summing
from napari_hypseg.encoding.regions import followed_axes
from napari_hypseg.encoding.touching import touching
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.pipeline.region_points import Regions
from napari_hypseg.pipeline.rooting import Rooted
from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import LazyArray

Numbers: TypeAlias = npt.NDArray[np.int64]

VOXELS = 1000
"""Voxels of a region after joining, on average."""
FEWEST = 256
"""Regions that are left of a small volume, where so many leaves are wanted; every one is a leaf."""
MOST = 1_000_000
"""Regions that are joined together, about 1.5 GB; of more, those of neighbouring tiles are joined first."""
SPARE = 2
"""Times the regions wanted in the end are left by joining within tiles."""


@dataclass(frozen=True, eq=False)
class Joined:
    """Regions after joining, and which of them touch.

    Parameters
    ----------
    numbers
        int64 (n,); which joined region each region is a part of, 0 … r−1.
    specimens
        int64 (r,); which specimen each joined region is a part of.
    pairs, contacts
        int64 (m, 2) joined regions that touch, each pair once, and int64 (m,) by how many faces of voxels.
    """

    numbers: Numbers
    specimens: Numbers
    pairs: Numbers
    contacts: Numbers


@dataclass(frozen=True, eq=False)
class Renumbered:
    """Region ids in `box`, seen through `table` (n + 1,) uint32, by planes; a lazy array."""

    ids: LazyArray
    box: Box
    table: npt.NDArray[np.uint32]

    @property
    def shape(self) -> tuple[int, ...]:
        """Grid of the box."""
        return self.box.shape

    @property
    def dtype(self) -> Any:
        """Type of an id."""
        return self.table.dtype

    @property
    def chunks(self) -> Any:
        """How thick the planes are best read."""
        return getattr(self.ids, "chunks", None)

    def __getitem__(self, planes: slice, /) -> Any:
        z, (_, rows, columns) = self.box.start[0], self.box.slices
        return self.table[np.asarray(self.ids[z + planes.start : z + planes.stop, rows, columns])]


def joining(
    regions: Regions, specimens: Sequence[Specimen], ids: Sequence[LazyArray], rooted: Sequence[Rooted], wanted: int
) -> Job[Joined]:
    """Join regions that touch and look alike.

    Yields `Progress` of the stages ``"touch"`` and ``"merge"``.

    Parameters
    ----------
    regions
        Of all specimens.
    specimens, ids, rooted
        Whose regions they are, where (z, y, x) they lie, and how they are numbered.
    wanted
        Leaves.
    """
    target = max(int(regions.sizes.sum()) // VOXELS, min(FEWEST, wanted))
    numbers = np.arange(len(regions))
    kept = max(MOST, SPARE * target)
    if kept < len(regions):
        numbers = yield from _joined_within(regions, specimens, ids, rooted, kept / len(regions))
        regions = regions.joined(numbers)
    pairs, contacts = [], []
    parts = np.split(numbers, np.cumsum([found.count for found in rooted])[:-1])
    for specimen, array, part in zip(specimens, ids, parts, strict=True):
        table = np.concatenate([[0], part + 1]).astype(np.uint32)
        seen = Renumbered(array, specimen.region, table)
        found, areas = yield from touching(seen, followed_axes(specimen.volume.voxel_size))
        pairs.append(found)
        contacts.append(areas)
    every, area = np.concatenate(pairs), np.concatenate(contacts)
    joined = yield from merging_job(regions.tangents(), regions.sizes, every, area, target)
    one, other = joined[every].T
    apart = one != other
    keys, faces = yield from summing(pair_keys(one[apart], other[apart]), area[apart], Progress("merge", 1, 1))
    specimen_of = np.empty(int(joined.max()) + 1, dtype=np.int64)
    for specimen_number, part in enumerate(parts):
        specimen_of[joined[part]] = specimen_number
    return Joined(joined[numbers], specimen_of, np.stack(pair_ends(keys), axis=1), faces)


def _joined_within(
    regions: Regions, specimens: Sequence[Specimen], ids: Sequence[LazyArray], rooted: Sequence[Rooted], share: float
) -> Job[Numbers]:
    """As `joining`, until a `share` of the regions is left, each with others that were met about the same place."""
    numbers = np.zeros(len(regions), dtype=np.int64)
    first = made = 0
    for specimen, array, found in zip(specimens, ids, rooted, strict=True):
        axes = followed_axes(specimen.volume.voxel_size)
        for box, start, stop in _groups(found):
            table = np.zeros(found.count + 1, dtype=np.uint32)
            table[start + 1 : stop + 1] = np.arange(1, stop - start + 1)
            pairs, contacts = yield from touching(Renumbered(array, box, table), axes)
            rows = slice(first + start, first + stop)
            part, target = regions[rows], max(1, round(share * (stop - start)))
            numbers[rows] = made + (yield from merging_job(part.tangents(), part.sizes, pairs, contacts, target))
            made = int(numbers[rows].max()) + 1
        first += found.count
    return numbers


def _groups(found: Rooted) -> Iterator[tuple[Box, int, int]]:
    """Tiles that follow each other with at most `MOST` regions, if one alone has no more: a box and their numbers."""
    start, boxes = 0, list[Box]()
    ends = (*found.ends, found.ends[-1] + MOST + 1)
    for tile, end, after in zip(found.tiles, ends[:-1], ends[1:], strict=True):
        boxes.append(tile)
        if after - start > MOST:
            if end > start:
                yield _around(boxes), start, end
            start, boxes = end, []


def _around(boxes: Sequence[Box]) -> Box:
    z, y, x = (min(box.start[axis] for box in boxes) for axis in range(3))
    z1, y1, x1 = (max(box.stop[axis] for box in boxes) for axis in range(3))
    return Box((z, y, x), (z1, y1, x1))
