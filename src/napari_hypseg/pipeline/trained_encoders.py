"""The trained model of a project, ready to encode its specimens."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from napari_hypseg.errors import ProjectError
from napari_hypseg.pipeline.prepare import build_model
from napari_hypseg.project.project import Project
from napari_hypseg.volumes.intensity import Intensity, measure_intensity
from napari_hypseg.volumes.specimen import Specimen

if TYPE_CHECKING:
    from napari_hypseg.inference.encoder import Encoder
    from napari_hypseg.training.checkpoint import Checkpoint


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
    specimens = project.specimens
    vectors = model.batch_vectors(len(specimens))
    told = [None] * len(specimens) if vectors is None else list(vectors)
    of_each = zip(specimens, trained_intensities(specimens, checkpoint), told, strict=True)
    return [Encoder(model, one, intensity, device, vector=vector) for one, intensity, vector in of_each]


def sampling_encoders(project: Project) -> "list[Encoder]":
    """As `trained_encoders`, to take samples as densely as regions need them.

    Raises
    ------
    ProjectError
        If there is no checkpoint.
    """
    from napari_hypseg.supervoxels.sampling import lattice_of

    return [replace(encoder, lattice=lattice_of(encoder.specimen)) for encoder in trained_encoders(project)]


def trained_intensities(specimens: Sequence[Specimen], checkpoint: "Checkpoint") -> list[Intensity]:
    """How each specimen was standardised when the model was trained; measured if the checkpoint does not say."""
    known = dict(zip(checkpoint.fingerprints, checkpoint.statistics, strict=False))
    found = [(specimen, known.get(specimen.fingerprint)) for specimen in specimens]
    return [Intensity(np.array(at.mean), np.array(at.std)) if at else measure_intensity(one) for one, at in found]
