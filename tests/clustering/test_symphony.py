"""A new batch is mapped onto a reference."""

import numpy as np
from scipy.spatial import cKDTree

from napari_hypseg.clustering.symphony import mapped
from napari_hypseg.jobs import quietly

N, N_KINDS, DIM = 600, 6, 5


def kinds(offset, seed, shares=None):
    """Points of several kinds, each moved by itself from where it is in the reference."""
    rng = np.random.default_rng(seed)
    centres = 2 * np.random.default_rng(9).normal(size=(N_KINDS, DIM))
    found = rng.choice(N_KINDS, N, p=shares)
    offsets = offset * np.random.default_rng(8).normal(size=(N_KINDS, DIM))
    return (centres[found] + offsets[found] + 0.3 * rng.normal(size=(N, DIM))).astype(np.float32), found


def same_kind(points, of, reference, known):
    """Share of points whose nearest one of the reference is of their kind."""
    return float((known[cKDTree(reference).query(points)[1]] == of).mean())


ONES = np.ones(N, np.int64)


def test_what_a_kind_differs_by_is_taken_away():
    (reference, known), (points, of) = kinds(0, 0), kinds(1.0, 1)
    made = quietly(mapped(points, ONES, reference, ONES))
    assert same_kind(made, of, reference, known) > same_kind(points, of, reference, known)
    off = [
        np.linalg.norm(p[of == k].mean(0) - reference[known == k].mean(0))
        for k in range(N_KINDS)
        for p in (made, points)
    ]
    assert np.mean(off[::2]) < 0.5 * np.mean(off[1::2])


def test_a_batch_like_the_reference_stays_whatever_it_has_most_of():
    (reference, _), (points, _) = kinds(0, 0), kinds(0, 1, [0.5, 0.3, 0.05, 0.05, 0.05, 0.05])
    made = quietly(mapped(points, ONES, reference, ONES))
    assert np.abs(made - points).mean() < 0.15
    np.testing.assert_array_equal(made, quietly(mapped(points, ONES, reference, ONES)))


def test_equal_points_are_no_trouble():
    reference = np.zeros((4, 2), np.float32)
    made = quietly(mapped(reference + 1, np.ones(4, int), reference, np.ones(4, int)))
    assert np.isfinite(made).all()
