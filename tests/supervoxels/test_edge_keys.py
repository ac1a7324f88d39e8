import numpy as np
import pytest

from napari_hypseg.jobs import Progress, quietly
from napari_hypseg.supervoxels import edge_keys as edge_keys_module
from napari_hypseg.supervoxels.edge_keys import edge_ends, edge_keys, sum_by_key_job


def test_a_pair_is_one_number_whichever_end_comes_first():
    one, other = np.array([0, 5, 2**31 - 1, 7]), np.array([3, 5, 0, 2**31 - 2])
    keys = edge_keys(one, other)
    assert np.array_equal(keys, edge_keys(other, one))
    low, high = edge_ends(keys)
    assert np.array_equal(low, np.minimum(one, other))
    assert np.array_equal(high, np.maximum(one, other))


@pytest.mark.parametrize("highest", [1, 3, 1000, 2**62])
@pytest.mark.parametrize("at_once", [7, 100, 10**6])
def test_sums_in_parts_are_those_of_the_whole(monkeypatch, highest, at_once):
    monkeypatch.setattr(edge_keys_module, "KEYS_AT_ONCE", at_once)
    random = np.random.default_rng(0)
    keys, counts = random.integers(0, highest, 500), random.integers(1, 10, 500)
    found, sums = quietly(sum_by_key_job(keys, counts, Progress("touch", 0)))
    expected, inverse = np.unique(keys, return_inverse=True)
    assert np.array_equal(found, expected)
    assert np.array_equal(sums, np.bincount(inverse, weights=counts).astype(np.int64))


def test_no_keys_have_no_sums():
    none = np.zeros(0, dtype=np.int64)
    found, sums = quietly(sum_by_key_job(none, none, Progress("touch", 0)))
    assert found.shape == sums.shape == (0,)
