"""A spatial-VAE of particles: learned within a budget, kept as a checkpoint, and built again from it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from napari_hypseg.errors import InputError, ProjectError
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.methods.spatial_vae import SpatialVAESettings, build_spatial_vae
from napari_hypseg.training.settings import TrainingSettings
from napari_hypseg.volumes import LazyArray

if TYPE_CHECKING:
    from napari_hypseg.nn.spatial.spatial_vae import SpatialVAE
    from napari_hypseg.training.loop import TrainingState

METHOD = "spatial-vae"
MIN_PARTICLES = 8
"""Fewer particles tell nothing of what they have in common."""
UNIT_VOXEL = (1.0, 1.0, 1.0)


def learn_particles(
    images: LazyArray, settings: SpatialVAESettings, training: TrainingSettings, path: Path | None = None
) -> "Job[SpatialVAE]":
    """Learn content and pose of particles; yields `Progress` of stage ``"learn"`` and `Notice`.

    Parameters
    ----------
    images
        Lazy array (n, *shape), standardised.
    settings, training
        What is learned, and for how long.
    path
        Checkpoint that is written every ten seconds and at the end; None writes none.

    Raises
    ------
    InputError
        If there are too few particles, or of another shape than the settings are for.
    HypsegError
        If learning stays unstable or memory does not suffice.
    """
    yield Progress("prepare", 0, 1)
    import torch

    from napari_hypseg.training.device import resolve_device
    from napari_hypseg.training.images import ImageSampler
    from napari_hypseg.training.loop import train

    n = images.shape[0]
    if n < MIN_PARTICLES:
        raise InputError(f"{n} particles are too few to learn from; give {MIN_PARTICLES} or more.")
    torch.manual_seed(training.seed)
    model = build_spatial_vae(settings, images.shape[1:], n)
    keep = _keeper(path, settings, tuple(images.shape)) if path is not None else _forget
    device = resolve_device(training.device)
    state = yield from train(model, ImageSampler(images, training.seed), training, device, keep)
    model.load_state_dict(state.weights)
    return model.eval()


def load_particle_model(path: Path) -> "SpatialVAE":
    """The model in a checkpoint that `learn_particles` wrote.

    Raises
    ------
    ProjectError
        If the file is missing, damaged, or of another method.
    """
    from napari_hypseg.training.checkpoint import load_checkpoint, load_weights

    checkpoint = load_checkpoint(path)
    if checkpoint.recipe.method != METHOD:
        raise ProjectError(f"{path.name} holds a model of volumes, not of particles; learn from the particles first.")
    values = dict(checkpoint.recipe.settings)
    n, *shape = values.pop("images", (0,))
    model = build_spatial_vae(SpatialVAESettings.check(values), [int(edge) for edge in shape], int(n))
    load_weights(model, checkpoint)
    return model.eval()


def _keeper(path: Path, settings: SpatialVAESettings, shape: tuple[int, ...]) -> "Callable[[TrainingState], None]":
    from napari_hypseg.training.checkpoint import Checkpoint, ModelRecipe, save_checkpoint

    recipe = ModelRecipe(METHOD, {**settings.model_dump(mode="json"), "images": list(shape)}, 1, UNIT_VOXEL)

    def keep(state: "TrainingState") -> None:
        save_checkpoint(path, Checkpoint(recipe, state.weights, state.step, state.seconds, state.loss))

    return keep


def _forget(state: "TrainingState") -> None:
    pass
