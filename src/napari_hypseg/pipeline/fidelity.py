"""The fidelity of a model: how well its reconstruction correlates with the volume."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from napari_hypseg.inference.batches import make_batches
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.volumes.blocks import read_with_mirror_padding
from napari_hypseg.volumes.volume import Vector3, relative_edges

if TYPE_CHECKING:
    from napari_hypseg.inference.encoder import Encoder
    from napari_hypseg.volumes.blocks import Block

Array = npt.NDArray[np.float32]

LEAST = 0.5
"""Correlation with the volume from which on a reconstruction counts as one."""
SCALES = (1.0, 2.0)
"""Standard deviations, in finest voxel edges, of the Gaussians that take the noise out of the volume."""
MARGIN = 6
"""Voxels around a block that smoothing looks at."""
SAMPLES = 8
"""Batches of blocks that are compared, at most."""


def doubts(encoder: "Encoder") -> Job[list[str]]:
    """Notes on latent views of the specimen of `encoder`: none if the model reconstructs it.

    Raises
    ------
    HypsegError
        If the model has no decoder.
    """
    fidelity = yield from drawing_fidelity(encoder)
    if fidelity >= LEAST:
        return []
    return [
        f"The model has not learned enough to draw {encoder.specimen.volume.name} (correlation {fidelity:.2f} with the "
        f"volume, and {LEAST} is needed); learn on for longer."
    ]


def drawing_fidelity(encoder: "Encoder") -> Job[float]:
    """Correlation, in [-1, 1], of what a model gives back with the smoothed volume, over a sample of blocks.

    Of several widths of smoothing that counts which agrees best; 0 if what is given back is the same everywhere.
    Yields `Progress` of the stage ``"prepare"``.
    """
    from napari_hypseg.inference.memory_fallback import MemoryFallback

    encoder = replace(encoder, margin=(encoder.model.decoder_radius,) * 3)
    batches = yield from make_batches([encoder])
    chosen = np.random.default_rng(0).permutation(len(batches))[:SAMPLES]
    fallback, drawn, given = MemoryFallback([encoder]), list[Array](), list[list[Array]]()

    def compare(encoder: "Encoder", blocks: Sequence["Block"]) -> Job[None]:
        yield Progress("prepare", 0, 1)
        for block, (points, counted) in zip(blocks, encoder.encode_around(blocks), strict=True):
            yield Progress("prepare", 0, 1)
            scaled = encoder.intensity.standardise(encoder.decode(points))
            drawn.append(scaled[:, counted].ravel())
            given.append([smoothed[:, counted].ravel() for smoothed in _smoothed(encoder, block)])

    for number in chosen:
        yield from fallback.run(0, batches[number].blocks, compare)
    every = np.concatenate(drawn)
    return max(_correlation(every, np.concatenate(parts)) for parts in zip(*given, strict=True))


def _smoothed(encoder: "Encoder", block: "Block") -> list[Array]:
    """Standardised grey values (c, z, y, x) of the core of a block, smoothed by each of `SCALES`."""
    volume = encoder.specimen.volume
    around = encoder.intensity.standardise(read_with_mirror_padding(volume, block.core.grow((MARGIN,) * 3)))
    inside = (slice(None), *(slice(MARGIN, -MARGIN),) * 3)
    edges: Vector3 = relative_edges(volume.voxel_size)
    widths = [(0.0, *(scale / edge for edge in edges)) for scale in SCALES]
    return [ndimage.gaussian_filter(around, width, truncate=3)[inside] for width in widths]


def _correlation(one: Array, other: Array) -> float:
    """Pearson's coefficient, 0 where one of them is constant."""
    if one.std() == 0 or other.std() == 0:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])
