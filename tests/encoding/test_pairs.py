import numpy as np
import pytest

from napari_hypseg.encoding import pairs
from napari_hypseg.encoding.pairs import pair_ends, pair_keys, summing
from napari_hypseg.jobs import Progress, quietly


def test_a_pair_is_one_number_whichever_end_comes_first():
    one, other = np.array([0, 5, 2**31 - 1, 7]), np.array([3, 5, 0, 2**31 - 2])
    keys = pair_keys(one, other)
    assert np.array_equal(keys, pair_keys(other, one))
    low, high = pair_ends(keys)
    assert np.array_equal(low, np.minimum(one, other))
    assert np.array_equal(high, np.maximum(one, other))


@pytest.mark.parametrize("highest", [1, 3, 1000, 2**62])
@pytest.mark.parametrize("at_once", [7, 100, 10**6])
def test_sums_in_parts_are_those_of_the_whole(monkeypatch, highest, at_once):
    monkeypatch.setattr(pairs, "KEYS_AT_ONCE", at_once)
    random = np.random.default_rng(0)
    keys, counts = random.integers(0, highest, 500), random.integers(1, 10, 500)
    found, sums = quietly(summing(keys, counts, Progress("touch", 0)))
    expected, inverse = np.unique(keys, return_inverse=True)
    assert np.array_equal(found, expected)
    assert np.array_equal(sums, np.bincount(inverse, weights=counts).astype(np.int64))


def test_no_keys_have_no_sums():
    none = np.zeros(0, dtype=np.int64)
    found, sums = quietly(summing(none, none, Progress("touch", 0)))
    assert found.shape == sums.shape == (0,)
