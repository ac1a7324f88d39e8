"""Leaves are groups of supervoxels with similar features and similar neighbourhoods."""

import numpy as np
import pytest

from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.jobs import quietly
from napari_hypseg.supervoxels.factors import N_FACTORS
from napari_hypseg.supervoxels.feature_weights import FeatureWeights
from napari_hypseg.supervoxels.features import SupervoxelFeatures
from napari_hypseg.supervoxels.leaves import Leaves, group_into_leaves, supervoxel_sample
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
    found = quietly(group_into_leaves(regions, np.zeros((n, 1), np.float32), chain, 6, FLAT, 0))
    assert found.factors.shape == (len(found.points), N_FACTORS)
    near = np.abs(found.points.numpy()[found.numbers] - looks).max(axis=1) < 0.1
    assert near.mean() > 0.95
    bright = found.numbers[kinds == 0]
    assert not set(bright[:90]) & set(bright[-90:]), "one leaf for each half"


@pytest.mark.parametrize(("most", "near"), [(200_000, 1e-4), (2, 1.0)])
def test_supervoxels_count_by_their_voxels(most, near):
    looks, sizes = np.array([[0.0], [10.0], [11.0]], np.float32), np.array([5, 1, 3])
    regions = SupervoxelFeatures(looks * sizes[:, None].astype(np.float32), sizes.astype(np.float32), sizes)
    edges = np.array([[0, 1], [1, 2]])
    chain = MergedSupervoxels(np.arange(3), np.zeros(3, np.int64), edges, np.ones(2, np.int64))
    alone = FeatureWeights(factors=0.0, descriptors=0.0)
    found = quietly(group_into_leaves(regions, np.zeros((3, 1), np.float32), chain, 2, FLAT, 0, alone, most))
    np.testing.assert_allclose(np.sort(found.points.numpy(), axis=0), [[0], [10.75]], atol=near)
    assert (found.numbers == found.numbers[0]).tolist() == [True, False, False]


def test_where_every_region_is_a_leaf_there_is_nothing_to_group():
    regions = SupervoxelFeatures(np.eye(5, 3, dtype=np.float32), np.ones(5, np.float32), np.ones(5, np.int64))
    alone = MergedSupervoxels(np.arange(5), np.zeros(5, np.int64), np.empty((0, 2), np.int64), np.empty(0, np.int64))
    found = quietly(group_into_leaves(regions, np.zeros((5, 1), np.float32), alone, 5, FLAT, 0))
    np.testing.assert_array_equal(found.points.numpy(), np.eye(5, 3))
    np.testing.assert_array_equal(found.numbers, np.arange(5))
    assert found.factors.shape == (5, 0)


def test_a_sample_has_the_supervoxels_of_random_voxels():
    sizes = np.array([1, 0, 300, 100])
    regions = SupervoxelFeatures(2 * np.eye(4, dtype=np.float32), np.full(4, 2, np.float32), sizes)
    counts = supervoxel_sample(regions, 4000, FLAT, 0).sum(axis=0)
    np.testing.assert_allclose(counts / 4000, sizes / sizes.sum(), atol=0.03)
    assert counts[1] == 0


def test_similar_features_of_another_texture_are_different_leaves():
    """Regions look alike in a single voxel, and every other one is surrounded by wider variation."""
    n = 400
    rough = np.arange(n) % 2
    descriptors = np.stack([rough, np.zeros(n)], axis=1).astype(np.float32)
    looks = np.random.default_rng(0).normal(0, 1, (n, 2)).astype(np.float32)
    regions = SupervoxelFeatures(looks, np.ones(n, np.float32), np.ones(n, np.int64))
    edges = np.stack([np.arange(n - 1), np.arange(1, n)], axis=1)
    chain = MergedSupervoxels(np.arange(n), np.zeros(n, np.int64), edges, np.ones(n - 1, np.int64))

    def purity(descriptors: np.ndarray) -> float:
        found = quietly(group_into_leaves(regions, descriptors, chain, 24, FLAT, 0))
        rough_share = np.bincount(found.numbers, weights=rough) / np.bincount(found.numbers)
        return float((np.maximum(rough_share, 1 - rough_share) * np.bincount(found.numbers)).sum() / n)

    assert purity(descriptors) > purity(np.zeros_like(descriptors)) + 0.05


def test_offset_and_scale_do_not_tell_specimens_apart():
    """Two specimens that are the same but for offset and scale of points and descriptors share their leaves."""
    n = 200
    looks = np.random.default_rng(0).normal(0, 1, (n, 2)).astype(np.float32)
    points = np.concatenate([looks, 0.5 * looks + 0.2]).astype(np.float32)
    regions = SupervoxelFeatures(points, np.ones(2 * n, np.float32), np.ones(2 * n, np.int64))
    edges = np.stack([np.arange(n - 1), np.arange(1, n)], axis=1)
    both = MergedSupervoxels(
        np.arange(2 * n), np.repeat([0, 1], n), np.concatenate([edges, edges + n]), np.ones(2 * n - 2, np.int64)
    )
    texture = np.random.default_rng(1).normal(0, 1, (n, 2)).astype(np.float32)
    shifted = np.concatenate([texture, 3 * texture + 1]).astype(np.float32)
    made = quietly(group_into_leaves(regions, shifted, both, 12, FLAT, 0))
    found = made.numbers
    np.testing.assert_array_equal(found[:n], found[n:])
    means = [points[found == leaf].mean(axis=0) for leaf in range(12)]
    np.testing.assert_allclose(made.points.numpy(), means, atol=1e-5, err_msg="their points are those of the manifold")


def test_what_has_no_weight_is_left_out():
    n = 60
    rng = np.random.default_rng(0)
    regions = SupervoxelFeatures(rng.normal(size=(n, 2)).astype(np.float32), np.ones(n, np.float32), np.ones(n, int))
    edges = np.stack([np.arange(n - 1), np.arange(1, n)], axis=1)
    chain = MergedSupervoxels(np.arange(n), np.zeros(n, np.int64), edges, np.ones(n - 1, np.int64))
    descriptors = rng.normal(size=(n, 4)).astype(np.float32)

    def leaves(looks: np.ndarray, **weights: float) -> Leaves:
        return quietly(group_into_leaves(regions, looks, chain, 8, FLAT, 0, FeatureWeights(**weights)))

    usual, plain = leaves(descriptors), leaves(descriptors, descriptors=0.0)
    np.testing.assert_array_equal(plain.numbers, leaves(np.zeros_like(descriptors)).numbers)
    assert (plain.numbers != usual.numbers).any()
    bare = leaves(descriptors, factors=0.0)
    assert bare.factors.shape == (len(bare.points), 0)
    assert np.isfinite(bare.points.numpy()).all()


def test_specimens_share_leaves_though_each_tissue_differs_and_keep_those_that_one_alone_has():
    """Each tissue of a specimen is shifted by itself, which standardising does not mend; one specimen has a lesion."""
    n, kinds, rng = 900, 5, np.random.default_rng(0)
    tissue = rng.integers(0, kinds, (2, n))
    tissue[0, :60] = kinds
    centres = np.concatenate([rng.normal(0, 1, (kinds, 3)), np.full((1, 3), 4.0)])
    shifts = 0.4 * rng.normal(size=(2, kinds + 1, 3))
    looks = np.concatenate([centres[one] + shift[one] for one, shift in zip(tissue, shifts, strict=True)])
    looks = (looks + 0.2 * rng.normal(size=looks.shape)).astype(np.float32)
    regions = SupervoxelFeatures(looks, np.ones(2 * n, np.float32), np.ones(2 * n, np.int64))
    edges = np.stack([np.arange(n - 1), np.arange(1, n)], axis=1)
    specimens = np.repeat([0, 1], n)
    both = MergedSupervoxels(np.arange(2 * n), specimens, np.concatenate([edges, edges + n]), np.ones(2 * n - 2, int))
    points_alone = FeatureWeights(factors=0.0, descriptors=0.0)
    made = quietly(group_into_leaves(regions, np.zeros((2 * n, 1), np.float32), both, 20, FLAT, 0, points_alone))
    of_first = np.bincount(made.numbers, specimens == 0) / np.bincount(made.numbers)
    lesions = np.bincount(made.numbers, tissue.ravel() == kinds) / np.bincount(made.numbers)
    one_sided = np.maximum(of_first, 1 - of_first)[made.numbers] > 0.95
    assert one_sided[tissue.ravel() < kinds].mean() < 0.25
    assert (lesions[made.numbers[:60]] > 0.95).all()
