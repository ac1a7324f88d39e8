import numpy as np
import pytest

from napari_hypseg.supervoxels.local_ids import LocalIds


def array(*ids):
    return np.array(ids, dtype=np.uint32).reshape(1, 1, -1)


NEAR = np.random.default_rng(0).integers(0, 90, (5, 6, 7)).astype(np.uint32)


@pytest.mark.parametrize(
    "ids",
    [
        NEAR,
        NEAR + np.uint32(1000),
        NEAR * np.uint32(40_000_000),  # a table of their range would be larger than memory
        array(0, 0, 0),
        array(7),
        array(2**32 - 1, 0, 2**32 - 1, 2**32 - 2),
        array(1, 2**32 - 1),
    ],
)
def test_ids_are_what_their_numbers_name(ids):
    found = LocalIds.of(ids)
    assert found.numbers.shape == ids.shape
    assert found.numbers.dtype == np.int32
    assert found.distinct.dtype == np.int64
    assert found.distinct.tolist() == sorted({0, *ids.ravel().tolist()})
    assert np.array_equal(found.distinct[found.numbers], ids)
    assert found.counts().tolist() == [int((ids == one).sum()) for one in found.distinct]


def test_nothing_has_no_ids():
    found = LocalIds.of(np.zeros((0, 3, 4), np.uint32))
    assert (found.distinct.tolist(), found.counts().tolist()) == ([0], [0])
    assert found.numbers.shape == (0, 3, 4)
