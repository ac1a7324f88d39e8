import numpy as np
import torch

from napari_hypseg.geometry.manifolds.sphere import Sphere
from napari_hypseg.supervoxels.class_leaves import classes_of, split_by_class
from napari_hypseg.supervoxels.features import SupervoxelFeatures
from napari_hypseg.supervoxels.leaves import Leaves

PROBABILITIES = np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.1, 0.3, 0.6], [0.1, 0.8, 0.1]], dtype=np.float32)


def _features():
    tangents = Sphere().logmap0(torch.from_numpy(PROBABILITIES).sqrt()).numpy()
    return SupervoxelFeatures(tangents, np.ones(4, np.float32), np.array([5, 5, 5, 5]))


def test_the_class_is_that_of_the_largest_probability():
    assert classes_of(_features(), Sphere()).tolist() == [0, 1, 2, 1]


def test_no_leaf_lies_in_two_classes():
    features, manifold = _features(), Sphere()
    factors = np.array([[1.0], [2.0]], dtype=np.float32)
    leaves = Leaves(torch.zeros(2, 3), factors, np.array([0, 0, 0, 1]))
    split = split_by_class(leaves, features, manifold, np.array([0, 1, 2, 1]))
    assert split.numbers.tolist() == [0, 1, 2, 3]
    assert split.factors.ravel().tolist() == [1.0, 1.0, 1.0, 2.0]
    torch.testing.assert_close(split.points.square(), torch.from_numpy(PROBABILITIES), atol=1e-5, rtol=0)


def test_leaves_of_one_class_stay_whole():
    leaves = Leaves(torch.zeros(2, 3), np.zeros((2, 1), np.float32), np.array([0, 0, 1, 1]))
    split = split_by_class(leaves, _features(), Sphere(), np.array([1, 1, 2, 2]))
    assert split.numbers.tolist() == [0, 0, 1, 1]
