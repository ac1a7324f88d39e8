import numpy as np
import pytest

from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.cell_grid import CellGrid
from napari_hypseg.volumes.enlarged_array import EnlargedArray

GRID = CellGrid((9, 10, 11), Box((1, 0, 2), (8, 10, 9)), (3, 2, 4))


@pytest.fixture
def ids():
    return np.arange(1, np.prod(GRID.shape) + 1, dtype=np.uint16).reshape(GRID.shape)


@pytest.fixture
def whole(ids):
    """The same by repetition."""
    enlarged = np.zeros(GRID.volume, dtype=np.uint16)
    for axis, factor in enumerate(GRID.factors):
        ids = ids.repeat(factor, axis=axis)
    z, y, x = GRID.region.shape
    enlarged[GRID.region.slices] = ids[:z, :y, :x]
    return enlarged


@pytest.mark.parametrize(
    "index",
    [
        ...,
        3,
        (slice(2, 7), slice(None), slice(5, 6)),
        (4, slice(None, None, -1), slice(1, 10, 3)),
        (..., 8),
        (-1, 5, 5),
        (slice(4, 4), 2),
        (2, 3, 4),
        slice(0, 1),
    ],
)
def test_reads_as_the_whole_would(ids, whole, index):
    read = EnlargedArray(ids, GRID)[index]
    assert np.shape(read) == whole[index].shape
    np.testing.assert_array_equal(read, whole[index])


def test_sizes_are_those_of_the_cells(ids, whole):
    array = EnlargedArray(ids, GRID)
    assert (array.shape, array.ndim, array.size, array.dtype, len(array)) == ((9, 10, 11), 3, 990, np.uint16, 9)
    assert array.chunks == (9, 10, 8)
    np.testing.assert_array_equal(np.asarray(array), whole)
    np.testing.assert_array_equal(np.bincount(whole.ravel())[1:], GRID.voxels().ravel())


def test_ids_of_another_grid_are_refused(ids):
    with pytest.raises(ValueError, match=r"not \(3, 5, 2\)"):
        EnlargedArray(ids[1:], GRID)
