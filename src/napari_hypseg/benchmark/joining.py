"""Points of the segmentation method, and the slice encoder's super-pixel embeddings joined to them.

The method's points lie on its manifold, the embeddings do not. Joined, both are vectors: the points as seen from the
origin (`Manifold.logmap0`), the embeddings as their first principal components.
"""

import tempfile
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from napari_hypseg.encoding.stream import BATCH, Encoder
from napari_hypseg.geometry.manifold import Manifold
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.methods.coherence import slices_along
from napari_hypseg.nn.slice_encoder import SliceEncoder
from napari_hypseg.pipeline.learn import learn
from napari_hypseg.pipeline.prepare import build_model
from napari_hypseg.project.project import Project
from napari_hypseg.project.settings import RunSettings
from napari_hypseg.training.checkpoint import load_checkpoint, restore
from napari_hypseg.training.device import resolve_device
from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.intensity import measure_intensity
from napari_hypseg.volumes.specimen import Specimen

COMPONENTS = 8
"""Of the embeddings; as many as the method's points have dimensions by default."""


def learned_points(specimen: Specimen, settings: RunSettings) -> Job[tuple[Tensor, Manifold]]:
    """Learn from `specimen`, and points (z, y, x, d) of its voxels on the manifold, on the CPU.

    Raises
    ------
    HypsegError
        If the settings cannot be used.
    """
    with tempfile.TemporaryDirectory() as folder:
        project = Project.create(Path(folder) / "run", [specimen], settings)
        yield from learn(project)
        checkpoint = load_checkpoint(project.store.checkpoint_file)
    model = build_model(checkpoint.recipe)
    restore(model, checkpoint)
    device = resolve_device(settings.training.device)
    encoder = Encoder(model.to(device).eval(), specimen, measure_intensity(specimen), device)
    return (yield from _embedded(encoder)), model.manifold


def _embedded(encoder: Encoder) -> Job[Tensor]:
    blocks, made = encoder.blocks(), []
    for first in range(0, len(blocks), BATCH):
        made += encoder.embed(blocks[first : first + BATCH])
        yield Progress("encode", len(made), len(blocks))
    points = torch.empty(*encoder.specimen.volume.shape, made[0].shape[-1])
    for block, part in zip(blocks, made, strict=True):
        points[block.core.slices] = part.cpu()
    return points


@torch.no_grad()
def superpixels(encoder: SliceEncoder, volume: Tensor, shape: Index3) -> Tensor:
    """Principal components (*shape, `COMPONENTS`) of the embeddings of all slices along all axes, on the CPU.

    Parameters
    ----------
    encoder
        Learned or not.
    volume
        (c, z, y, x) as the encoder is taught.
    shape
        Voxels (z, y, x) that the components are interpolated to.
    """
    encoder.leave_dropout_on(shared=False)
    grid = tuple(volume.shape[1:])
    embedded = torch.cat([_interpolated(_along(encoder, volume, axis), grid) for axis in range(3)])
    components = _principal(embedded.flatten(1).T.cpu(), COMPONENTS).T.reshape(-1, *grid)
    return _interpolated(components, shape).movedim(0, -1)


def _along(encoder: SliceEncoder, volume: Tensor, axis: int) -> Tensor:
    """Embeddings (width, z, y, x) of the slices along an axis, coarse along the two others."""
    embedded: Tensor = encoder(slices_along(volume, axis))
    return embedded.movedim(1, 0).movedim(1, axis + 1)


def _interpolated(features: Tensor, shape: tuple[int, ...]) -> Tensor:
    return F.interpolate(features[None], size=shape, mode="trilinear", align_corners=False)[0]


def _principal(rows: Tensor, count: int) -> Tensor:
    """First principal components (n, count) of standardised columns; a column without spread says nothing."""
    centred = (rows - rows.mean(0)).double()
    spread = centred.std(0)
    standard = torch.where(spread > 1e-6, centred / spread.clamp(min=1e-6), 0)
    _, axes = torch.linalg.eigh(standard.T @ standard)
    components: Tensor = standard @ axes[:, -count:].flip(1)
    return components.float()


def seen_from_origin(points: Tensor, manifold: Manifold) -> Tensor:
    """Points (z, y, x, d) as vectors of total variance 1."""
    return _unit(manifold.logmap0(points))


def joined(vectors: Tensor, features: Tensor, share: float) -> Tensor:
    """Vectors of total variance 1 and features side by side, the features with `share` of the total variance."""
    return torch.cat([vectors * (1 - share) ** 0.5, _unit(features) * share**0.5], dim=-1)


def _unit(vectors: Tensor) -> Tensor:
    centred = vectors - vectors.mean((0, 1, 2))
    return centred / centred.square().sum(-1).mean().sqrt().clamp(min=1e-12)
