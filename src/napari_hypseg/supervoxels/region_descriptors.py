"""Descriptors of regions: grey values around their voxels at several widths, averaged over each region.

Voxel by voxel, wide filters tell the rim of a structure from its core. Averaged over regions they do not, and tell
structures apart by texture and surroundings that a latent point, which sees a few voxels around, does not hold.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.supervoxels.descriptor_layout import RESPONSES
from napari_hypseg.supervoxels.local_ids import LocalIds
from napari_hypseg.supervoxels.scale_space import Scale
from napari_hypseg.supervoxels.workspace import CHUNK
from napari_hypseg.volumes.blocks import align_to_stride, iter_blocks, read_with_mirror_padding
from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.intensity import Intensity
from napari_hypseg.volumes.lattice import Lattice
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import LazyArray

if TYPE_CHECKING:
    from napari_hypseg.inference.memory_fallback import MemoryFallback
    from napari_hypseg.inference.point_source import SpecimenSource

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
    fallback: "MemoryFallback[SpecimenSource]", ids: Sequence[LazyArray], n_regions: int
) -> Job[npt.NDArray[np.float32]]:
    """Mean over each region of local mean, deviation and gradient magnitude at `WIDTHS`, of every channel.

    Read block by block with what the filters reach, so that memory does not grow with the volumes; the blocks do not
    change the result. Yields `Progress` of the stage ``"describe"``.

    Parameters
    ----------
    fallback
        The sources of the specimens: the volumes, how their grey values are standardised, and the samples that stand
        for their voxels.
    ids
        Region ids (z, y, x) of the samples of each specimen; 0 outside, region i as i + 1 in all specimens.
    n_regions
        Number of regions K.

    Returns
    -------
    numpy.ndarray
        float32 (K, F), where F is 12 for each channel: for each width, local mean, standard deviation and gradient
        magnitude, in standard deviations of the grey values; 0 for a region without voxels.
    """
    specimens = [source.specimen for source in fallback.sources]
    features = len(specimens[0].volume.channels) * len(WIDTHS) * RESPONSES
    sums, counts = np.zeros((n_regions + 1, features)), np.zeros(n_regions + 1)
    places = [(index, box) for index, specimen in enumerate(specimens) for box in _blocks(specimen)]

    def take(part: DescriptorSums | None) -> None:
        if part is not None:
            sums[part.ids] += part.sums
            counts[part.ids] += part.counts

    def progress(done: int) -> Progress:
        return Progress("describe", done, len(places))

    yield from fallback.spread(places, partial(_of_block, ids), take, progress)
    return np.asarray(sums[1:] / np.maximum(counts[1:, None], 1), dtype=np.float32)


def _of_block(ids: Sequence[LazyArray], source: "SpecimenSource", index: int, core: Box) -> DescriptorSums | None:
    """Sums over the samples in a block of specimen number `index`, None without any; a function of plain data."""
    here = np.asarray(ids[index][source.lattice.cells(core).slices])
    return _block_sums(source.specimen, source.intensity, core, here, source.lattice) if here.any() else None


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
