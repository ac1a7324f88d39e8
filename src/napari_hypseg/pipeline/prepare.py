"""Preparing a project for training: grey-value statistics of its specimens, and a model with fresh weights."""

from typing import TYPE_CHECKING

from napari_hypseg.jobs import Job, Notice
from napari_hypseg.methods.registry import get_method
from napari_hypseg.project.project import Project
from napari_hypseg.volumes.intensity import Intensity, measure_intensity
from napari_hypseg.volumes.voxel_checks import check_volume

if TYPE_CHECKING:
    from napari_hypseg.nn.model import DenseModel
    from napari_hypseg.training.checkpoint import ModelRecipe


def measure(project: Project) -> Job[tuple[Intensity, ...]]:
    """How each specimen's grey values are standardised; yields a `Notice` for what looks wrong.

    Raises
    ------
    InputError
        If a specimen cannot be used.
    """
    intensities = []
    for specimen in project.specimens:
        for note in check_volume(specimen.volume):
            yield Notice(note)
        intensities.append(measure_intensity(specimen))
    return tuple(intensities)


def recipe_of(project: Project) -> "ModelRecipe":
    """What the project's settings say a model is built from.

    Raises
    ------
    SettingError
        If the method or one of its settings is unknown, or does not fit the specimens.
    """
    from napari_hypseg.training.checkpoint import ModelRecipe

    method = get_method(project.settings.method)
    settings = method.settle(method.settings.check(project.settings.model), len(project.records))
    volume = project.specimens[0].volume
    return ModelRecipe(method.name, settings.model_dump(mode="json"), len(volume.channels), volume.voxel_size)


def build_model(recipe: "ModelRecipe") -> "DenseModel":
    """A model with fresh weights; seed torch before it."""
    method = get_method(recipe.method)
    model: DenseModel = method.build(method.settings.check(recipe.settings), recipe.n_channels, recipe.voxel_size)
    return model
