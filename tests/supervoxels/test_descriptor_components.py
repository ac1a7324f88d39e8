"""Whitened principal components are uncorrelated, of one variance, and do not depend on the units of descriptors."""

import numpy as np

from napari_hypseg.supervoxels.descriptor_components import descriptor_components

RNG = np.random.default_rng(0)
SIZES = RNG.integers(1, 50, 60)


def descriptors() -> np.ndarray:
    return (RNG.normal(size=(60, 4)) @ RNG.normal(size=(4, 9))).astype(np.float32)


def test_components_are_white_over_voxels():
    found = descriptor_components(descriptors(), SIZES, 3)
    covariance = (found * (SIZES / SIZES.sum())[:, None]).T @ found
    assert found.dtype == np.float32
    np.testing.assert_allclose(covariance, np.eye(3) / 3, atol=1e-4)


def test_no_more_components_than_there_is_variance_along():
    assert descriptor_components(descriptors(), SIZES, 9).shape == (60, 4)


def test_units_do_not_matter():
    values = descriptors()
    scaled = values * np.array([1, 10, 100, 1, 5, 1, 1, 1, 0.1], np.float32) + 3
    first, second = (descriptor_components(one, SIZES, 2) for one in (values, scaled))
    np.testing.assert_allclose(np.abs((first * second * SIZES[:, None]).sum(axis=0)) / SIZES.sum(), 1 / 2, atol=1e-3)


def test_leaves_that_look_the_same_are_at_one_place():
    np.testing.assert_array_equal(descriptor_components(np.ones((5, 3), np.float32), np.ones(5, int)), np.zeros((5, 1)))


def test_rounding_of_a_constant_is_no_difference():
    values, constant = descriptors(), np.full((60, 1), 3, np.float32)
    found = descriptor_components(np.concatenate([values, constant], axis=1), SIZES, 9)
    np.testing.assert_allclose(np.abs(found), np.abs(descriptor_components(values, SIZES, 9)), atol=1e-4)
