"""Leaves that lie in one class each, where a model knows classes beforehand."""

import numpy as np
import torch

from napari_hypseg.geometry.manifolds.manifold import Manifold
from napari_hypseg.supervoxels.features import SupervoxelFeatures
from napari_hypseg.supervoxels.leaves import Leaves, Numbers


def classes_of(features: SupervoxelFeatures, manifold: Manifold) -> Numbers:
    """The most probable class (r,) of each supervoxel, 0 for none: the squares of its point are the probabilities."""
    points = manifold.expmap0(torch.from_numpy(features.mean_tangents()))
    return np.asarray(points.square().argmax(dim=1).numpy(), dtype=np.int64)


def split_by_class(leaves: Leaves, features: SupervoxelFeatures, manifold: Manifold, classes: Numbers) -> Leaves:
    """Leaves divided where supervoxels of several classes look alike.

    Parameters
    ----------
    leaves
        Groups of the r supervoxels.
    features, manifold
        Of the supervoxels, and where their points lie.
    classes
        int64 (r,); see `classes_of`.
    """
    pairs = np.stack([leaves.numbers, classes], axis=1)
    used, numbers = np.unique(pairs, axis=0, return_inverse=True)
    numbers = numbers.reshape(-1).astype(np.int64)
    points = manifold.expmap0(torch.from_numpy(features.merged(numbers).mean_tangents()))
    return Leaves(points, leaves.factors[used[:, 0]], numbers)
