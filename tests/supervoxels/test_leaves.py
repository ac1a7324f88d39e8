"""Leaves are groups of supervoxels with similar features and similar neighbourhoods."""

import numpy as np

from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.jobs import quietly
from napari_hypseg.supervoxels.factors import N_FACTORS
from napari_hypseg.supervoxels.features import SupervoxelFeatures
from napari_hypseg.supervoxels.leaves import group_into_leaves
from napari_hypseg.supervoxels.merging import MergedSupervoxels

FLAT = Euclidean()


def test_similar_features_in_different_neighbourhoods_are_different_leaves():
    """A volume of two halves: bright and dark spots take turns in one, spots of a third kind stand in for dark in the
    other, and bright ones look the same in both."""
    n = 400
    kinds = np.where(np.arange(n) % 2, 0, np.where(np.arange(n) < n // 2, 1, 2))
    looks = np.eye(3, dtype=np.float32)[kinds]
    regions = SupervoxelFeatures(looks, np.ones(n, np.float32), np.ones(n, np.int64))
    chain = MergedSupervoxels(
        np.arange(n),
        np.zeros(n, np.int64),
        np.stack([np.arange(n - 1), np.arange(1, n)], axis=1),
        np.ones(n - 1, np.int64),
    )
    found = quietly(group_into_leaves(regions, chain, 6, FLAT, 0))
    assert found.factors.shape == (len(found.points), N_FACTORS)
    near = np.abs(found.points.numpy()[found.numbers] - looks).max(axis=1) < 0.1
    assert near.mean() > 0.95
    bright = found.numbers[kinds == 0]
    assert not set(bright[:90]) & set(bright[-90:]), "one leaf for each half"


def test_where_every_region_is_a_leaf_there_is_nothing_to_group():
    regions = SupervoxelFeatures(np.eye(5, 3, dtype=np.float32), np.ones(5, np.float32), np.ones(5, np.int64))
    alone = MergedSupervoxels(np.arange(5), np.zeros(5, np.int64), np.empty((0, 2), np.int64), np.empty(0, np.int64))
    found = quietly(group_into_leaves(regions, alone, 5, FLAT, 0))
    np.testing.assert_array_equal(found.points.numpy(), np.eye(5, 3))
    np.testing.assert_array_equal(found.numbers, np.arange(5))
    assert found.factors.shape == (5, 0)
