"""The area is 1 where all others of a structure come first, and nothing is said of a few leaves."""

import numpy as np
import pytest

from benchmarks.clicks.retrieval import retrieval_auc
from napari_hypseg.geometry.metric import EUCLIDEAN
from napari_hypseg.hierarchy.contingency import Contingency

K = 24


def table(members):
    counts = np.zeros((K + 1, 2), np.int64)
    counts[1:, 0], counts[1 + members, 0], counts[1 + members, 1] = 10, 3, 7
    return Contingency(counts, np.array([0, 1]))


def test_points_that_tell_a_structure_apart_and_points_that_do_not():
    members = np.arange(8)
    apart = np.where(np.arange(K) < 8, 0.0, 5.0)[:, None] + np.random.default_rng(0).normal(scale=0.1, size=(K, 2))
    alike = np.random.default_rng(1).normal(size=(K, 2)).astype(np.float32)
    assert retrieval_auc(table(members), [1], apart.astype(np.float32), None, EUCLIDEAN) == 1
    without = retrieval_auc(table(members), [1], alike, None, EUCLIDEAN)
    described = np.repeat(apart[:, :1], 12, axis=1).astype(np.float32)
    assert 0.2 < without < 0.8
    assert retrieval_auc(table(members), [1], alike, described, EUCLIDEAN) > without + 0.1


@pytest.mark.parametrize("n", [3, K - 3])
def test_of_too_few_leaves_nothing_is_said(n):
    points = np.zeros((K, 2), np.float32)
    assert retrieval_auc(table(np.arange(n)), [1], points, None, EUCLIDEAN) is None
