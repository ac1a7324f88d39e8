import numpy as np

from napari_hypseg.jobs import quietly
from napari_hypseg.supervoxels.descriptor_features import WEIGHTS, descriptor_features, region_sizes


def test_descriptors_count_by_their_weights_whatever_their_units():
    random = np.random.default_rng(0)
    descriptors = (random.normal(size=(50, 12)) * np.arange(1, 13) + 5).astype(np.float32)
    descriptors[:, 4] = 3  # says nothing
    sizes = random.integers(1, 100, 50)
    features = descriptor_features(descriptors, sizes)
    means = features.mean_tangents()
    np.testing.assert_allclose(np.average(means, axis=0, weights=sizes), 0, atol=1e-5)
    expected = np.tile(WEIGHTS, 4)
    expected[4] = 0
    np.testing.assert_allclose(np.sqrt(np.average(np.square(means), axis=0, weights=sizes)), expected, atol=1e-5)
    np.testing.assert_array_equal(features.sizes, sizes)


def test_voxels_are_counted_once_or_as_many_times_as_they_stand_for():
    ids = [np.array([[[0, 1], [2, 2]]] * 20), np.array([[[3, 0]]])]
    assert quietly(region_sizes(ids, 4)).tolist() == [20, 40, 1, 0]
    weights = [np.full((20, 2, 2), 8), np.array([[[5, 9]]])]
    assert quietly(region_sizes(ids, 4, weights)).tolist() == [160, 320, 5, 0]
