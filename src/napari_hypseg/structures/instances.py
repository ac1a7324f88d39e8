"""The pieces of a structure, each with an id of its own: what is counted and measured one by one."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import Field
from scipy import ndimage

from napari_hypseg.config_base import ADVANCED, Config
from napari_hypseg.jobs import Job, Progress, Stage
from napari_hypseg.structures.connected_components import Connectivity, Ints, Labels, components_job
from napari_hypseg.structures.distance_watershed import parting_extent, split_touching_job
from napari_hypseg.structures.filled_sections import FilledSections
from napari_hypseg.structures.mask_slabs import bounding_box_job
from napari_hypseg.volumes import Box, Index3, LazyArray, Vector3
from napari_hypseg.volumes.indexing import per_axis

VOXELS_PER_REPORT = 100_000
PLANES_PER_REPORT = 16


class InstanceSettings(Config):
    """How a structure is split into its pieces."""

    connectivity: Connectivity = Field(
        26,
        title="Connectivity",
        description="Neighbours of a voxel that hang together with it: 6 share a face, 26 also an edge or a corner.",
        json_schema_extra=ADVANCED,
    )
    split_touching: bool = Field(
        False,
        title="Split touching",
        description="Part objects that touch at the necks between them (watershed of the distance transform).",
    )
    fill_hollow: bool = Field(
        False,
        title="Fill hollow",
        description=(
            "Take what a piece encloses in a section across z as part of it, so that a shell counts, and is parted "
            "from others that touch, as a whole."
        ),
    )
    neck_depth: float | None = Field(
        None,
        gt=0,
        le=1_000_000,
        title="Neck depth",
        description=(
            "Part at necks whose radius is smaller than that of the thinner object by at least this much, in the unit "
            "of the voxel size (h of the h-maxima); more parts less. By default one voxel, along its shortest edge."
        ),
    )
    min_voxels: int = Field(
        1,
        ge=1,
        le=1_000_000_000,
        title="Smallest piece",
        description="Leave out pieces with fewer voxels.",
        json_schema_extra={"unit": "voxels"},
    )
    min_volume: float = Field(
        0.0,
        ge=0,
        le=1e30,
        title="Smallest volume",
        description="Leave out pieces with a smaller volume, in the unit of the voxel size, cubed.",
        json_schema_extra=ADVANCED,
    )

    def smallest(self, voxel_size: Vector3) -> float:
        """Voxels, of edge lengths (z, y, x), that a piece has to have."""
        return max(self.min_voxels, self.min_volume / float(np.prod(voxel_size)))

    def filled(self, mask: LazyArray) -> LazyArray:
        """A mask (z, y, x) of which the pieces are wanted, with what they enclose if that counts."""
        return FilledSections(mask) if self.fill_hollow else mask


@dataclass(frozen=True, eq=False)
class BoxedLabels:
    """Labels of a box as a lazy array over the whole grid, 0 outside the box.

    Parameters
    ----------
    labels
        Unsigned integers of the shape of `box`.
    box
        Where they lie.
    shape
        The whole grid (z, y, x).
    """

    labels: npt.NDArray[Any]
    box: Box
    shape: Index3

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the labels."""
        return self.labels.dtype

    def __getitem__(self, index: Any) -> npt.NDArray[Any]:
        """Labels of a part."""
        parts = per_axis(index)
        places = [np.atleast_1d(np.arange(n)[part]) for n, part in zip(self.shape, parts, strict=True)]
        values = np.zeros([len(place) for place in places], dtype=self.dtype)
        inside = [(p >= a) & (p < b) for p, a, b in zip(places, self.box.start, self.box.stop, strict=True)]
        found = [p[k] - a for p, k, a in zip(places, inside, self.box.start, strict=True)]
        values[np.ix_(*inside)] = self.labels[np.ix_(*found)]
        return values[tuple(0 if not isinstance(part, slice) else slice(None) for part in parts)]


@dataclass(frozen=True, eq=False)
class Instances:
    """Pieces of a structure, the largest first.

    Parameters
    ----------
    data
        uint16 or uint32 (z, y, x), 0 outside; pieces are numbered from 1 to `count` by their number of voxels, the
        largest first and of two alike the one whose first voxel in (z, y, x) comes first. So a higher `min_voxels`
        takes numbers away at the end and changes no other.
    sizes
        int64 (count,): voxels of each piece.
    n_small
        Pieces that were left out because they are smaller than wanted.
    """

    data: BoxedLabels
    sizes: Ints
    n_small: int = 0

    @property
    def count(self) -> int:
        """Number of pieces."""
        return len(self.sizes)


def instances_job(mask: LazyArray, voxel_size: Vector3, settings: InstanceSettings) -> Job[Instances]:
    """Split a mask into its pieces, yielding ``Progress("instances", …)``.

    The same mask and settings give the same ids.

    Parameters
    ----------
    mask
        (z, y, x); voxels above 0 count. It is read in slabs; labels are kept for the box around them, 4 bytes a voxel.
    voxel_size
        Edge lengths (z, y, x) of a voxel.
    settings
        What a piece is.
    """
    shape = Box.whole(mask.shape).shape
    mask = settings.filled(mask)
    box = yield from bounding_box_job(mask, Stage.INSTANCES)
    if box is None:
        nothing = Box((0, 0, 0), (0, 0, 0))
        return Instances(BoxedLabels(np.zeros((0, 0, 0), np.uint16), nothing, shape), np.zeros(0, np.int64))
    labels, count = yield from components_job(mask, box, settings.connectivity)
    smallest = settings.smallest(voxel_size)
    if settings.split_touching:
        h = min(voxel_size) if settings.neck_depth is None else settings.neck_depth
        count = yield from _split_job(labels, count, voxel_size, h, settings.connectivity, smallest)
    table, sizes, n_small = yield from _by_size_job(labels, count, smallest)
    return Instances(BoxedLabels((yield from _relabelled_job(labels, table)), box, shape), sizes, n_small)


def _split_job(
    labels: Labels, count: int, voxel_size: Vector3, h: float, connectivity: Connectivity, smallest: float
) -> Job[int]:
    """Part each component of `labels` that is not too small, in place; gives how many pieces there are then."""
    pieces, seen = count, 0
    least = parting_extent(voxel_size, h)
    for label, box in enumerate(ndimage.find_objects(labels), start=1):
        here = labels[box]
        seen += here.size
        inside = here == label
        if all(n >= wanted for n, wanted in zip(here.shape, least, strict=True)) and inside.sum() >= smallest:
            parts, n_parts = yield from split_touching_job(inside, voxel_size, h, connectivity)
            later = parts > 1  # the first part keeps the number of the component
            here[later] = parts[later] + (pieces - 1)
            pieces += n_parts - 1
        if seen > VOXELS_PER_REPORT:
            seen = 0
            yield Progress(Stage.INSTANCES, label, count)
    return pieces


def _by_size_job(labels: Labels, count: int, smallest: float) -> Job[tuple[Labels, Ints, int]]:
    """New label of each label, sizes of those that stay, and how many do not."""
    sizes = np.zeros(count + 1, dtype=np.int64)
    first = np.full(count + 1, labels.size, dtype=np.int64)
    flat = labels.reshape(-1)
    step = VOXELS_PER_REPORT * 20
    for start in range(0, len(flat), step):
        part = flat[start : start + step]
        places = np.flatnonzero(part)[::-1]
        sizes += np.bincount(part[places], minlength=count + 1)
        earliest = np.full(count + 1, labels.size, dtype=np.int64)
        earliest[part[places]] = places + start  # of the places of one label, the last one written is the first
        np.minimum(first, earliest, out=first)
        yield Progress(Stage.INSTANCES, start, len(flat))
    order = np.lexsort((first[1:], -sizes[1:])) + 1
    kept = order[sizes[order] >= smallest]
    table = np.zeros(count + 1, dtype=np.int32)
    table[kept] = np.arange(1, len(kept) + 1)
    return table, sizes[kept], count - len(kept)


def _relabelled_job(labels: Labels, table: Labels) -> Job[npt.NDArray[Any]]:
    dtype = np.uint16 if int(table.max(initial=0)) <= np.iinfo(np.uint16).max else np.uint32
    changed = np.empty(labels.shape, dtype=dtype)
    for z in range(len(labels)):
        changed[z] = table[labels[z]]
        if z % PLANES_PER_REPORT == 0:
            yield Progress(Stage.INSTANCES, z, len(labels))
    return changed
