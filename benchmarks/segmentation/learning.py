"""Learning from specimens as the product does it, and the points of any specimen by what was learned."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from napari_hypseg.inference.encoder import BATCH, Encoder
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.nn.model import DenseModel
from napari_hypseg.pipeline.learn import learn
from napari_hypseg.pipeline.prepare import build_model
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.training.checkpoint import load_checkpoint, load_weights
from napari_hypseg.training.device import resolve_device
from napari_hypseg.volumes.intensity import measure_intensity
from napari_hypseg.volumes.specimen import Specimen


def learned_model(specimens: Sequence[Specimen], settings: RunSettings) -> Job[DenseModel]:
    """A model learned from `specimens`, on the device of the settings and ready to encode.

    Raises
    ------
    HypsegError
        If the settings cannot be used.
    """
    with tempfile.TemporaryDirectory() as folder:
        project = Project.create(Path(folder) / "run", specimens, settings)
        yield from learn(project)
        checkpoint = load_checkpoint(project.store.checkpoint_file)
    model = build_model(checkpoint.recipe)
    load_weights(model, checkpoint)
    return model.to(resolve_device(settings.training.device)).eval()


def points_of(model: DenseModel, specimen: Specimen) -> Job[Tensor]:
    """Points (z, y, x, d) of a specimen's voxels on the model's manifold, on the CPU; 0 outside its box."""
    device = next(model.parameters()).device
    encoder = Encoder(model, specimen, measure_intensity(specimen), device)
    blocks, made = encoder.blocks(), list[Tensor]()
    for first in range(0, len(blocks), BATCH):
        made += [points.cpu() for points, _ in encoder.encode(blocks[first : first + BATCH])]
        yield Progress("encode", len(made), len(blocks))
    points = torch.zeros(*specimen.volume.shape, made[0].shape[-1])
    for block, part in zip(blocks, made, strict=True):
        points[block.core.slices] = part
    return points
