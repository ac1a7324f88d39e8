"""A coarser grid of single voxels."""

import numpy as np
import pytest

from napari_hypseg.volumes.sampled_array import SampledArray

FINE = np.arange(7 * 9 * 12).reshape(7, 9, 12)
CELL = (2, 4, 1)
WHOLE = FINE[[1, 3, 5, 6]][:, [2, 6, 8]]


@pytest.mark.parametrize("index", [np.s_[:], np.s_[2], np.s_[1:3, -1], np.s_[..., 3:7], np.s_[3, 2, 11], np.s_[2:2]])
def test_any_part_is_the_middle_of_its_cells(index):
    sampled = SampledArray(FINE, CELL)
    assert sampled.shape == WHOLE.shape
    assert sampled.dtype == FINE.dtype
    np.testing.assert_array_equal(sampled[index], WHOLE[index])
