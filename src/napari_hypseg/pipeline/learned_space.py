"""The space of the leaves of a project: the one it keeps, or one made of what an earlier version kept."""

import numpy as np
import torch

from napari_hypseg.errors import ProjectError
from napari_hypseg.jobs import Job
from napari_hypseg.pipeline.describe import describe
from napari_hypseg.pipeline.trained_encoders import trained_encoders
from napari_hypseg.project.project import Project
from napari_hypseg.project.records import Segmentation
from napari_hypseg.supervoxels.leaf_space import LeafSpace, supervoxel_space
from napari_hypseg.supervoxels.merging import MergedSupervoxels
from napari_hypseg.supervoxels.region_table import RegionTable


def learned_space(project: Project) -> Job[LeafSpace]:
    """The space in which regions of other volumes find their leaf.

    An earlier version kept points and descriptors of the leaves alone; without their neighbours, fewer regions find
    theirs. Yields `Progress` of the stage ``"describe"`` where descriptors are missing too.

    Raises
    ------
    ProjectError
        If the project has no segmentation.
    """
    segmentation = project.segmentation
    if segmentation is None:
        raise ProjectError(f"{project.path.name} has no regions yet; segment it first.")
    return segmentation.features.space or (yield from _of_leaves(project, segmentation))


def _of_leaves(project: Project, segmentation: Segmentation) -> Job[LeafSpace]:
    """A space of points and descriptors alone, in which each leaf counts as one supervoxel without neighbours."""
    descriptors = yield from describe(project)
    tree, manifold = segmentation.hierarchy, trained_encoders(project)[0].manifold
    tangents = manifold.logmap0(torch.from_numpy(tree.points)).numpy()
    n_leaves, nothing = tree.n_leaves, np.zeros(0, dtype=np.int64)
    numbers = np.arange(n_leaves)
    graph = MergedSupervoxels(RegionTable.of(numbers), np.zeros_like(numbers), nothing.reshape(0, 2), nothing)
    return (yield from supervoxel_space(tangents, descriptors, tree.sizes[:n_leaves], graph, numbers))
