"""Descriptors of regions: grey values around their voxels at several widths, averaged over each region.

Voxel by voxel, wide filters tell the rim of a structure from its core. Averaged over regions they do not, and tell
structures apart by texture and surroundings that a latent point, which sees a few voxels around, does not hold.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.supervoxels.scale_space import RESPONSES, Scale
from napari_hypseg.supervoxels.workspace import CHUNK
from napari_hypseg.volumes.blocks import iter_blocks, read_with_mirror_padding
from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.intensity import Intensity
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import LazyArray

WIDTHS = (1, 2, 4, 8)
"""Standard deviations of the Gaussians, in edges of the finest voxel."""
BLOCK = 2 * CHUNK
"""Edge in voxels of what is described at once: much less is read twice than with single chunks."""

Sums = npt.NDArray[np.float64]


def region_descriptors(
    specimens: Sequence[Specimen], intensities: Sequence[Intensity], ids: Sequence[LazyArray], n_regions: int
) -> Job[npt.NDArray[np.float32]]:
    """Mean over each region of local mean, deviation and gradient magnitude at `WIDTHS`, of every channel.

    Read block by block with what the filters reach, so that memory does not grow with the volumes; the blocks do not
    change the result. Yields `Progress` of the stage ``"describe"``.

    Parameters
    ----------
    specimens, intensities
        The volumes, and how their grey values are standardised.
    ids
        Region ids (z, y, x) of each specimen; 0 outside, region i as i + 1 in all specimens.
    n_regions
        Number of regions K.

    Returns
    -------
    numpy.ndarray
        float32 (K, F), where F is 12 for each channel: for each width, local mean, standard deviation and gradient
        magnitude, in standard deviations of the grey values; 0 for a region without voxels.
    """
    features = len(specimens[0].volume.channels) * len(WIDTHS) * RESPONSES
    sums, counts = np.zeros((features, n_regions + 1)), np.zeros(n_regions + 1)
    places = [(index, box) for index, specimen in enumerate(specimens) for box in _blocks(specimen)]
    for done, (index, core) in enumerate(places):
        progress = Progress("describe", done, len(places))
        yield progress
        here = np.asarray(ids[index][core.slices])
        for _ in _add_block(sums, counts, specimens[index], intensities[index], core, here):
            yield progress
    means = sums[:, 1:] / np.maximum(counts[1:], 1)
    return np.ascontiguousarray(means.T, dtype=np.float32)


def merged_descriptors(
    descriptors: npt.NDArray[np.float32], sizes: npt.NDArray[np.int64], numbers: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """Descriptors (k, F) of merged regions; of `descriptors` (r, F) and `sizes` (r,) put together by `numbers`."""
    totals = np.maximum(np.bincount(numbers, weights=sizes), 1)
    sums = [np.bincount(numbers, weights=sizes * column) for column in descriptors.T]
    return np.asarray(np.stack(sums, axis=1) / totals[:, None], dtype=np.float32)


def _blocks(specimen: Specimen) -> Iterator[Box]:
    blocks = iter_blocks(specimen.region, (BLOCK,) * 3, (0, 0, 0), (CHUNK,) * 3)
    return (block.core for block in blocks)


def _add_block(
    sums: Sums, counts: Sums, specimen: Specimen, intensity: Intensity, core: Box, ids: npt.NDArray[Any]
) -> Iterator[None]:
    """Add the responses of the voxels of `core`, whose regions are `ids` (z, y, x), to the sums of their regions."""
    inside = np.bincount(ids.ravel(), minlength=len(counts))
    inside[0] = 0
    if not inside.any():
        return
    counts += inside
    scales = [Scale.of(width, specimen.volume.voxel_size) for width in WIDTHS]
    outer = _union([scale.reach(core) for scale in scales])
    grey = intensity.standardise(read_with_mirror_padding(specimen.volume, outer))
    yield
    numbers, row = ids.ravel().astype(np.intp), 0
    z, y, x = outer.start
    for channel in grey:
        for scale in scales:
            around = channel[scale.reach(core).shift((-z, -y, -x)).slices]
            for values in scale.responses(around, core):
                sums[row] += np.bincount(numbers, values.ravel(), minlength=len(counts))
                row += 1
            yield


def _union(boxes: Sequence[Box]) -> Box:
    """The smallest box around `boxes`."""
    z, y, x = (min(axis) for axis in zip(*(box.start for box in boxes), strict=True))
    stop_z, stop_y, stop_x = (max(axis) for axis in zip(*(box.stop for box in boxes), strict=True))
    return Box((z, y, x), (stop_z, stop_y, stop_x))
