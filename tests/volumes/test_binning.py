import numpy as np
import pytest

from napari_hypseg.volumes import Box
from napari_hypseg.volumes.binning import BinnedArray, binned_box


def test_a_cube_is_the_mean_of_its_voxels():
    array = np.arange(4 * 6 * 7, dtype=np.int16).reshape(4, 6, 7)
    binned = BinnedArray(array)
    assert binned.shape == (2, 3, 3)
    read = binned.read()
    assert (read.dtype, read.shape) == (np.float32, (2, 3, 3))
    assert read[1, 2, 0] == array[2:4, 4:6, 0:2].mean()
    np.testing.assert_array_equal(binned.planes(1, 2), read[1:])


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        (Box((0, 0, 0), (4, 6, 6)), Box((0, 0, 0), (2, 3, 3))),
        (Box((1, 3, 5), (3, 4, 7)), Box((0, 1, 2), (2, 2, 3))),
        (Box((3, 5, 6), (4, 6, 7)), Box((1, 2, 2), (2, 3, 3))),
    ],
)
def test_a_box_covers_what_it_covered(box, expected):
    assert binned_box(box, 2, (2, 3, 3)) == expected
