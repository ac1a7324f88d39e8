"""A project that holds one of everything, made without learning."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from napari_hypseg.hierarchy.leaf_features import LeafFeatures
from napari_hypseg.hierarchy.tree import PARTS, Hierarchy
from napari_hypseg.project.latent_views import DENOISED, LatentViewFolder
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.training.checkpoint import Checkpoint, ModelRecipe, save_checkpoint
from napari_hypseg.volumes import Specimen, Volume

SHAPE = (6, 7, 8)


def cell(value: float = 0.0) -> Specimen:
    grey = np.random.default_rng(0).normal(value, size=SHAPE).astype(np.float32)
    return Specimen(Volume((grey,), name="cell"))


def four_leaves() -> Hierarchy:
    """((0 1) (2 3))."""
    parents = np.array([4, 4, 5, 5, 6, 6, 6], dtype=np.int32)
    altitudes = np.array([0, 0, 0, 0, 1, 2, 3], dtype=np.float32)
    points = np.arange(8, dtype=np.float32).reshape(4, 2)
    return Hierarchy(parents, altitudes, np.array([84] * 4 + [168] * 2 + [336]), points)


def learn(project: Project, value: float = 1.0) -> None:
    """A checkpoint and a record of learning."""
    recipe = ModelRecipe("hyperbolic", {}, 1, (1.0, 1.0, 1.0))
    weights = {"weight": torch.full((5, 5), value)}
    save_checkpoint(project.store.checkpoint_file, Checkpoint(recipe, weights, 3, project=project.store.identity))
    project.store.write_json(project.store.training_file, {"step": 3, "seconds": 1.0, "device": "cpu"})


def segment(project: Project, offset: float = 0.0) -> str:
    """Four leaves; another `offset` makes another tree."""
    tree = four_leaves()
    tree.points[:] += offset
    (leaves,) = project.store.start_segmentation([SHAPE])
    leaves[:] = np.arange(336).reshape(SHAPE) // 84 + 1
    descriptors = np.arange(12, dtype=np.float32).reshape(4, 3)
    features = LeafFeatures.of(tree, descriptors=descriptors)
    return project.store.finish_segmentation({PARTS: tree}, {"seconds": 1}, features)


def draw(project: Project) -> None:
    folder = LatentViewFolder(project, DENOISED, 0)
    (channel,) = folder.start(SHAPE, [0.0])
    channel[:] = np.arange(336, dtype=np.float32).reshape(SHAPE)
    folder.finish([0.0])


@pytest.fixture
def whole(tmp_path: Path) -> Callable[[str], Project]:
    """Function that makes a project with voxels, a model, regions, a level and a picture, open for writing."""

    def make(name: str = "cell") -> Project:
        project = Project.create(tmp_path / name, [cell()], RunSettings())
        learn(project)
        segment(project)
        project.reload()
        project.keep_level("four", project.cut(4))
        draw(project)
        return project

    return make


@pytest.fixture
def learned() -> Callable[..., None]:
    """Function that lets a project have learned something."""
    return learn


@pytest.fixture
def segmented() -> Callable[..., str]:
    """Function that gives a project regions; another `offset` makes other ones."""
    return segment


@pytest.fixture
def another() -> Specimen:
    """A specimen of which no project was made yet."""
    return cell(5.0)
