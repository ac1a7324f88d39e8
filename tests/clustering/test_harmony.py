"""Batches lose what they differ in, and keep what only one of them has."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from napari_hypseg.clustering.harmony import corrected, harmony
from napari_hypseg.jobs import quietly

N_EACH, N_KINDS, N_BATCHES, DIM = 600, 6, 3, 5
LESION = N_KINDS


def kinds_in_batches(lesions=0, seed=0):
    """Points of several kinds, each of which lies elsewhere in every batch; the first batch alone has lesions, too."""
    rng = np.random.default_rng(seed)
    centres = np.concatenate([rng.normal(0, 1, (N_KINDS, DIM)), np.full((1, DIM), 2.0)])
    parts = []
    for batch in range(N_BATCHES):
        kinds = rng.integers(0, N_KINDS, N_EACH)
        kinds[: lesions if batch == 0 else 0] = LESION
        offsets = 0.4 * rng.normal(size=(N_KINDS + 1, DIM))
        parts.append((centres[kinds] + offsets[kinds] + 0.2 * rng.normal(size=(N_EACH, DIM)), kinds))
    points, kinds = (np.concatenate(part) for part in zip(*parts, strict=True))
    return points.astype(np.float32), np.repeat(np.arange(N_BATCHES), N_EACH), kinds


def without_batches(points, batches, weights=None, fitted=slice(None)):
    weights = np.ones(len(points), np.int64) if weights is None else weights
    rounds = quietly(harmony(points[fitted], batches[fitted], N_BATCHES, weights[fitted], 0))
    return quietly(corrected(points, batches, rounds))


def alike(points, labels, of):
    """How many of the ten nearest neighbours of the points `of` have their label."""
    _, near = cKDTree(points).query(points[of], k=11)
    return float((labels[near[:, 1:]] == labels[of][:, None]).mean())


def test_neighbours_are_of_every_batch_and_of_the_same_kind():
    points, batches, kinds = kinds_in_batches()
    everything = np.ones(len(points), bool)
    assert alike(points, batches, everything) > 0.8
    made = without_batches(points, batches)
    assert alike(made, batches, everything) < 0.5, "by chance a third"
    assert alike(made, kinds, everything) > 0.9


@pytest.mark.parametrize("lesions", [15, 120])
def test_what_one_batch_alone_has_stays_by_itself(lesions):
    points, batches, kinds = kinds_in_batches(lesions)
    made = without_batches(points, batches)
    assert alike(made, kinds, kinds == LESION) > 0.95
    assert alike(made, batches, kinds != LESION) < 0.5


def test_points_that_took_no_part_are_corrected_alike():
    points, batches, kinds = kinds_in_batches()
    made = without_batches(points, batches, fitted=slice(None, None, 2))
    assert alike(made, batches, np.ones(len(points), bool)) < 0.5
    assert alike(made, kinds, np.ones(len(points), bool)) > 0.9
    np.testing.assert_array_equal(made, without_batches(points, batches, fitted=slice(None, None, 2)))


def test_points_count_by_their_weights():
    points, batches, _ = kinds_in_batches()
    weights = np.where(np.arange(len(points)) % 2, 0, 1)
    weighted = without_batches(points, batches, weights)
    others = points.copy()
    others[1::2] = 7
    np.testing.assert_allclose(without_batches(others, batches, weights)[::2], weighted[::2], atol=1e-3)


@pytest.mark.parametrize("value", [0.0, 3.0])
def test_equal_points_and_a_batch_without_any_are_no_trouble(value):
    points = np.full((40, 2), value, np.float32)
    np.testing.assert_allclose(without_batches(points, np.arange(40) % 2), points, atol=1e-5)
