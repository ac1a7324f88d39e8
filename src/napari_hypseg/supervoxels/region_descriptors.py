"""Descriptors of regions: grey values around their voxels at several widths, averaged over each region.

Voxel by voxel, wide filters tell the rim of a structure from its core. Averaged over regions they do not, and tell
structures apart by texture and surroundings that a latent point, which sees a few voxels around, does not hold.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.jobs.worker_pool import worker_pool
from napari_hypseg.supervoxels.descriptor_layout import RESPONSES
from napari_hypseg.supervoxels.local_ids import LocalIds
from napari_hypseg.supervoxels.scale_space import Scale
from napari_hypseg.supervoxels.workspace import CHUNK
from napari_hypseg.volumes.blocks import align_to_stride, iter_blocks, read_with_mirror_padding
from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.intensity import Intensity
from napari_hypseg.volumes.lattice import EVERY_VOXEL, Lattice
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import LazyArray

WIDTHS = (1, 2, 4, 8)
"""Standard deviations of the Gaussians, in edges of the finest voxel."""
BLOCK = 2 * CHUNK
"""Edge in voxels of what is described at once: much less is read twice than with single chunks."""


@dataclass(frozen=True, eq=False)
class DescriptorSums:
    """Sums over the samples of one block: ids (n,) of the regions, float64 `sums` (n, F), and how many samples (n,)."""

    ids: npt.NDArray[np.intp]
    sums: npt.NDArray[np.float64]
    counts: npt.NDArray[np.int64]


def region_descriptors(
    specimens: Sequence[Specimen],
    intensities: Sequence[Intensity],
    ids: Sequence[LazyArray],
    n_regions: int,
    lattices: Sequence[Lattice] | None = None,
) -> Job[npt.NDArray[np.float32]]:
    """Mean over each region of local mean, deviation and gradient magnitude at `WIDTHS`, of every channel.

    Read block by block with what the filters reach, so that memory does not grow with the volumes; the blocks do not
    change the result. Yields `Progress` of the stage ``"describe"``.

    Parameters
    ----------
    specimens, intensities
        The volumes, and how their grey values are standardised.
    ids
        Region ids (z, y, x) of the samples of each specimen; 0 outside, region i as i + 1 in all specimens.
    n_regions
        Number of regions K.
    lattices
        The samples that stand for the voxels of each specimen; every voxel for itself if not said.

    Returns
    -------
    numpy.ndarray
        float32 (K, F), where F is 12 for each channel: for each width, local mean, standard deviation and gradient
        magnitude, in standard deviations of the grey values; 0 for a region without voxels.
    """
    features = len(specimens[0].volume.channels) * len(WIDTHS) * RESPONSES
    sums, counts = np.zeros((n_regions + 1, features)), np.zeros(n_regions + 1)
    sampled = lattices or [EVERY_VOXEL] * len(specimens)
    places = [(index, box) for index, specimen in enumerate(specimens) for box in _blocks(specimen)]

    def compute(place: tuple[int, Box]) -> DescriptorSums | None:
        index, core = place
        here = np.asarray(ids[index][sampled[index].cells(core).slices])
        return _block_sums(specimens[index], intensities[index], core, here, sampled[index]) if here.any() else None

    def take(part: DescriptorSums | None) -> None:
        if part is not None:
            sums[part.ids] += part.sums
            counts[part.ids] += part.counts

    with worker_pool() as pool:
        yield from pool.map(compute, places, take, lambda done: Progress("describe", done, len(places)))
    return np.asarray(sums[1:] / np.maximum(counts[1:, None], 1), dtype=np.float32)


def _blocks(specimen: Specimen) -> Iterator[Box]:
    blocks = iter_blocks(specimen.region, (BLOCK,) * 3, (0, 0, 0), (CHUNK,) * 3)
    return (block.core for block in blocks)


def _block_sums(
    specimen: Specimen, intensity: Intensity, core: Box, ids: npt.NDArray[Any], lattice: Lattice
) -> DescriptorSums:
    """Sums of the responses of the samples of `core` over the regions `ids` (z, y, x) they stand for."""
    scales = [Scale.of(width, specimen.volume.voxel_size) for width in WIDTHS]
    around = align_to_stride(core, lattice.step)
    outer = _union([scale.reach(around) for scale in scales])
    grey = intensity.standardise(read_with_mirror_padding(specimen.volume, outer))
    found = LocalIds.of(ids)
    numbers = found.numbers.ravel()
    z, y, x = outer.start
    columns = [
        np.bincount(numbers, values.ravel(), minlength=len(found.distinct))[1:]
        for channel in grey
        for scale in scales
        for values in scale.responses(channel[scale.reach(around).shift((-z, -y, -x)).slices], core, lattice)
    ]
    return DescriptorSums(found.distinct[1:].astype(np.intp), np.stack(columns, axis=1), found.counts()[1:])


def _union(boxes: Sequence[Box]) -> Box:
    """The smallest box around `boxes`."""
    z, y, x = (min(axis) for axis in zip(*(box.start for box in boxes), strict=True))
    stop_z, stop_y, stop_x = (max(axis) for axis in zip(*(box.stop for box in boxes), strict=True))
    return Box((z, y, x), (stop_z, stop_y, stop_x))
