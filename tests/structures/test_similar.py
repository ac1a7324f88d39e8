"""The nearest come first, by latent points and by descriptors together."""

import numpy as np
import pytest

from napari_hypseg.errors import SettingError
from napari_hypseg.geometry.metric import EUCLIDEAN
from napari_hypseg.structures.similar import REPRESENTATIVES, similar, similar_regions

K = 60


@pytest.fixture
def points():
    """Ten kinds of six leaves each, close together."""
    rng = np.random.default_rng(0)
    return (rng.normal(size=(10, 3)).repeat(6, axis=0) * 10 + rng.normal(size=(K, 3)) * 0.01).astype(np.float32)


def chosen(*leaves: int, n: int = K):
    selection = np.zeros(n, dtype=bool)
    selection[list(leaves)] = True
    return selection


def test_leaves_of_the_same_kind_come_first(points):
    order, distance = similar(chosen(0, 13), points, None, EUCLIDEAN)
    assert order[:2].tolist() == [0, 13]
    assert set(order[2:12].tolist()) == set(range(1, 6)) | {12, *range(14, 18)}
    assert sorted(order.tolist()) == list(range(K))
    assert (np.diff(distance[order]) >= 0).all()
    assert (distance[[0, 13]] == 0).all()
    assert distance.max() == 1


def test_descriptors_tell_apart_what_latent_points_do_not():
    points = np.random.default_rng(0).normal(size=(K, 2)).astype(np.float32)
    descriptors = np.abs(np.random.default_rng(1).normal(size=(K, 12), scale=0.1)).astype(np.float32)
    descriptors[::2] += 5
    order, _ = similar(chosen(0), points, descriptors, EUCLIDEAN)
    alone, _ = similar(chosen(0), points, None, EUCLIDEAN)
    assert (order[:10] % 2 == 0).all()
    assert (alone[:10] % 2 == 0).mean() < 0.9


def test_a_descriptor_that_does_not_vary_counts_for_nothing(points):
    _, alone = similar(chosen(4), points, None, EUCLIDEAN)
    _, same = similar(chosen(4), points, np.full((K, 12), 3.0, np.float32), EUCLIDEAN)
    np.testing.assert_allclose(same, alone)


def test_a_selected_leaf_comes_before_one_that_is_the_same():
    order, distance = similar(chosen(2, n=4), np.zeros((4, 2), np.float32), None, EUCLIDEAN)
    assert order.tolist() == [2, 0, 1, 3]
    np.testing.assert_array_equal(distance, 0)


def test_of_a_large_selection_all_kinds_count():
    rng = np.random.default_rng(0)
    kinds = rng.normal(size=(REPRESENTATIVES, 3)) * 100
    points = np.concatenate([kinds.repeat(8, axis=0), kinds + 1, rng.normal(size=(20, 3)) + 1e4]).astype(np.float32)
    selected = 8 * REPRESENTATIVES
    _, distance = similar(chosen(*range(selected), n=len(points)), points, None, EUCLIDEAN)
    assert distance[selected:-20].max() < 0.01 < distance[-20:].min()


def test_nothing_selected_is_one_sentence(points):
    with pytest.raises(SettingError, match="Nothing is selected"):
        similar(chosen(), points, None, EUCLIDEAN)


def test_regions_are_ordered_by_the_mean_over_their_voxels():
    distance = np.array([0.0, 1.0, 0.2, 0.4])
    order, means = similar_regions(np.array([7, 7, 3, 3]), distance, np.array([30, 10, 1, 1]))
    assert order.tolist() == [7, 3]
    np.testing.assert_allclose(means, [0.25, 0.3])
