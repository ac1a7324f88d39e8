"""Latent views with a value for each voxel: the volume as the decoder reconstructs it, and latent components.

Both are kept in the project and are there at once when asked for again, until something else is learned.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import NoDecoderError, SettingError
from napari_hypseg.inference.batches import make_batches, sample_points
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.pipeline.fidelity import doubts
from napari_hypseg.pipeline.trained_encoders import trained_encoders
from napari_hypseg.project.latent_views import COMPONENTS, DENOISED, LatentViewFolder, read_back, stored_view
from napari_hypseg.project.project import Project
from napari_hypseg.storage.atomic import unwritable
from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.volume import GreyValues, Volume

if TYPE_CHECKING:
    from torch import Tensor

    from napari_hypseg.inference.encoder import Encoder
    from napari_hypseg.volumes.blocks import Block

Array = npt.NDArray[np.float32]
Paint = Callable[["Encoder", "Tensor"], GreyValues]
"""From an encoder and points of a block and its margin to the values (c, z, y, x) of the block's core."""


def denoise(project: Project, specimen: int = 0) -> Job[Volume]:
    """Reconstruct a specimen by the trained model: the structure that it has learned, without the noise.

    In the units of the specimen's grey values (float32, or float64 where that would round them), all channels, on its
    whole grid; the mean where nothing counts. A model that has learned too little gives a view that says so, in its
    name and its notes. Yields `Progress` of the stage ``"decode"``; closing the job leaves nothing behind.

    Raises
    ------
    HypsegError
        If nothing was learned yet, the method has no decoder, or the project cannot be written to.
    """
    project.specimen_record(specimen)
    if (kept := stored_view(project, DENOISED, specimen)) is not None:
        return kept
    yield Progress("prepare", 0, 1)
    encoder = trained_encoders(project)[specimen]
    told = yield from doubts(encoder)
    decoding = replace(encoder, margin=(encoder.model.decoder_radius,) * 3)
    outside = encoder.intensity.mean.tolist()
    dtype = encoder.intensity.dtype

    def paint(encoder: "Encoder", around: "Tensor") -> GreyValues:
        return encoder.decode(around)

    yield from _draw(project, DENOISED, specimen, decoding, outside, paint, dtype, doubts=told)
    return read_back(stored_view(project, DENOISED, specimen))


def components(project: Project, count: int = 3, specimen: int = 0) -> Job[Volume]:
    """The latent point of every voxel along the `count` directions in which the points of all specimens vary most.

    Coordinates in the tangent space at the origin, in lengths on the manifold, float32, a channel each; 0 is the mean,
    and stands where nothing counts. Yields `Progress` of the stages ``"sample"`` and ``"decode"``; closing the job
    leaves nothing behind.

    Raises
    ------
    HypsegError
        If nothing was learned yet, there are fewer components, or the project cannot be written to.
    """
    project.specimen_record(specimen)
    if (kept := stored_view(project, COMPONENTS, specimen, _at_least_one(count))) is not None:
        return kept
    yield Progress("prepare", 0, 1)
    import torch

    from napari_hypseg.geometry.principal_components import fit_principal_components
    from napari_hypseg.inference.memory_fallback import MemoryFallback

    encoders = trained_encoders(project)
    _check_count(count, encoders[specimen])
    try:
        told = yield from doubts(encoders[specimen])
    except NoDecoderError:  # components need none
        told = []
    manifold = encoders[specimen].model.manifold
    batches = yield from make_batches(encoders)
    sample = yield from sample_points(MemoryFallback(encoders), batches, project.settings.training.seed)
    found = fit_principal_components(torch.from_numpy(sample), count, manifold)

    def paint(encoder: "Encoder", points: "Tensor") -> Array:
        return found.of(points, manifold).cpu().numpy()

    shares = [round(share, 4) for share in found.shares.tolist()]
    yield from _draw(
        project, COMPONENTS, specimen, encoders[specimen], [0.0] * count, paint, doubts=told, shares=shares
    )
    return read_back(stored_view(project, COMPONENTS, specimen, count))


def _check_count(count: int, encoder: "Encoder") -> None:
    """Refuse more components than a point has, which its model alone knows, before any of the work."""
    start = encoder.specimen.region.start
    voxel = Box(start, (start[0] + 1, start[1] + 1, start[2] + 1))
    ((points, _),) = encoder.encode(encoder.blocks_in(voxel, encoder.stride))
    if count > points.shape[-1]:
        raise SettingError(f"The model has {points.shape[-1]} latent components, not {count}; ask for fewer.")


def _draw(
    project: Project, name: str, specimen: int, encoder: "Encoder", outside: Sequence[float], paint: Paint,
    dtype: npt.DTypeLike = np.float32, **facts: Any,
) -> Job[None]:  # fmt: skip
    """Visit every voxel of a specimen and store what `paint` makes of it as the latent view `name`."""
    folder = LatentViewFolder(project, name, specimen)
    try:
        arrays = folder.start(project.records[specimen].shape, outside, dtype)
        yield from _paint(encoder, arrays, paint)
        folder.finish(outside, **facts)
    except OSError as error:
        raise unwritable(project.path, error) from error
    finally:
        folder.drop()


def _paint(encoder: "Encoder", arrays: Sequence[Any], paint: Paint) -> Job[None]:
    from napari_hypseg.inference.memory_fallback import MemoryFallback

    batches = yield from make_batches([encoder])
    fallback = MemoryFallback([encoder])
    started = time.monotonic()

    def draw(encoder: "Encoder", blocks: Sequence["Block"]) -> Job[None]:
        yield progress
        for block, (points, counted) in zip(blocks, encoder.encode_around(blocks), strict=True):
            yield progress
            for array, values in zip(arrays, paint(encoder, points), strict=True):
                array[block.core.slices] = np.where(counted, values, array.fill_value)

    for done, batch in enumerate(batches):
        left = (time.monotonic() - started) / done * (len(batches) - done) if done else None
        progress = Progress("decode", done, len(batches), seconds_left=left)
        yield from fallback.run(0, batch.blocks, draw)


def _at_least_one(count: int) -> int:
    if count < 1:
        raise SettingError(f"{count} latent components cannot be drawn; ask for at least 1.")
    return count
