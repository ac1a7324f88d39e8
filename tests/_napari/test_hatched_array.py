import numpy as np
import pytest

from napari_hypseg._napari.hatched_array import HatchedArray


@pytest.mark.parametrize("index", [np.s_[:], 3, np.s_[2, :, 1:9], np.s_[..., 4], np.s_[1:4, 5, :]])
def test_stripes_lie_in_the_same_place_whatever_part_is_read(index):
    leaves = np.random.default_rng(0).integers(0, 6, (5, 8, 9)).astype(np.uint16)
    array = HatchedArray(leaves, np.array([False, True, False, True, False, False]))
    whole = array[:]
    changed = whole != leaves
    assert set(leaves[changed].tolist()) == {1, 3}
    assert (whole[changed] == 0).all()
    assert 0.3 < changed.sum() / np.isin(leaves, [1, 3]).sum() < 0.7
    np.testing.assert_array_equal(array[index], whole[index])
