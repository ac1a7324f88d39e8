import numpy as np
import pytest

from napari_hypseg.volumes.index_map import chained, from_binned, from_reoriented, index_map, inverted
from napari_hypseg.volumes.orientation import Orientation, ReorientedArray


def test_a_map_and_its_inverse_do_nothing():
    one = index_map([[2, 0.1, 0], [0, 3, 0], [0.5, 0, 1]], [4, 5, 6])
    np.testing.assert_allclose(chained(inverted(one), one), np.c_[np.eye(3), np.zeros(3)], atol=1e-12)


@pytest.mark.parametrize("flipped", [(False, False, False), (True, False, True)])
def test_reoriented_voxels_are_found_in_the_array(flipped):
    array, orientation = np.arange(4 * 5 * 6).reshape(4, 5, 6), Orientation((2, 0, 1), flipped)
    turned = ReorientedArray(array, orientation)
    matrix = from_reoriented(orientation, array.shape)
    for index in ((0, 0, 0), (1, 2, 3), (5, 3, 4)):
        z, y, x = (matrix @ [*index, 1]).astype(int)
        assert turned[index] == array[z, y, x]


def test_a_binned_voxel_lies_in_the_middle_of_its_block():
    np.testing.assert_allclose(from_binned((2, 1, 3)) @ [1, 1, 1, 1], [2.5, 1, 4])
