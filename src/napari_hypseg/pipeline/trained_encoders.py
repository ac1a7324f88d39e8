"""The trained model of a project, ready to encode its specimens."""

from typing import TYPE_CHECKING

from napari_hypseg.errors import ProjectError
from napari_hypseg.jobs import quietly
from napari_hypseg.pipeline.prepare import build_model, measure
from napari_hypseg.project.project import Project

if TYPE_CHECKING:
    from napari_hypseg.inference.encoder import Encoder


def trained_encoders(project: Project) -> list["Encoder"]:
    """An encoder for each specimen, all with the model of the project's checkpoint.

    Raises
    ------
    ProjectError
        If there is no checkpoint.
    """
    from napari_hypseg.inference.encoder import Encoder
    from napari_hypseg.training.checkpoint import load_checkpoint, load_weights
    from napari_hypseg.training.device import resolve_device

    if not project.has_checkpoint:
        raise ProjectError(f"{project.path.name} has no trained model yet; train it first.")
    checkpoint = load_checkpoint(project.store.checkpoint_file)
    model = build_model(checkpoint.recipe)
    load_weights(model, checkpoint)
    device = resolve_device(project.settings.training.device)
    model.to(device).eval()
    intensities = quietly(measure(project))  # what looks wrong was said before learning
    return [
        Encoder(model, specimen, intensity, device)
        for specimen, intensity in zip(project.specimens, intensities, strict=True)
    ]
