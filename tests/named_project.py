"""A project learned from a phantom in a moment, in which something has a name."""

from pathlib import Path

import numpy as np

from napari_hypseg import pipeline
from napari_hypseg.jobs import quietly
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.structures.edits import DivideStructure, MakeStructure, PaintVoxels
from napari_hypseg.structures.leaf_ranges import to_ranges
from napari_hypseg.structures.voxel_runs import encode_runs, runs_of
from napari_hypseg.volumes import Specimen
from napari_hypseg.volumes.phantom import Phantom

SHAPE = (50, 50, 50)
RED = (1.0, 0.0, 0.0)
SETTINGS = {"model": {"width": 4, "latent_dim": 3}, "training": {"steps": 3, "crop": 16}, "leaves": {"leaves": 24}}


def named_project(path: Path, known: Phantom) -> Path:
    """A project of a phantom of `SHAPE`: the leaves in its foreground are an object, and some of it was painted."""
    project = Project.create(path, [Specimen(known.volume)], RunSettings.check(SETTINGS))
    quietly(pipeline.run(project))
    project.reload()
    leaves = np.asarray(project.leaves[0][:])
    voxels, inside = np.bincount(leaves.ravel()), np.bincount(leaves.ravel(), known.labels.ravel() > 0)
    mostly = to_ranges(np.flatnonzero(2 * inside > voxels) - 1)
    project.structures.do(MakeStructure(name="object", colour=RED, leaves=mostly))
    runs = encode_runs(runs_of(np.arange(100)))
    project.structures.do(PaintVoxels(structure=1, specimen=0, shape=SHAPE, voxels=runs))
    project.structures.do(DivideStructure(structure=1, name="part", colour=RED, specimen=0, shape=SHAPE, voxels=runs))
    project.structures.do(MakeStructure(name="inner", colour=RED, leaves="", parent=1))
    project.keep_level("five", project.cut(5))
    project.close()
    return project.path
