import numpy as np
import pytest

from napari_hypseg.structures.thumbnail import BACKGROUND, ThumbnailStyle, patch, thumbnail, typical_leaf

RED = ThumbnailStyle((0.0, 10.0), (1.0, 0.0, 0.0))


class OnDisk:
    """An array that says what was read of it."""

    def __init__(self, values):
        self.values, self.shape, self.dtype, self.read = values, values.shape, values.dtype, []

    def __getitem__(self, index):
        found = self.values[index]
        self.read.append(found.size)
        return found


def test_only_the_neighbourhood_is_read_and_it_stays_within_the_plane():
    grey = OnDisk(np.arange(3 * 20 * 30).reshape(3, 20, 30) + 1)
    np.testing.assert_array_equal(patch(grey, (1, 10, 12), 8), grey.values[1, 6:14, 8:16])
    np.testing.assert_array_equal(patch(grey, (1, 1, 29), 8), grey.values[1, :8, 22:])
    assert grey.read == [64, 64]


def test_a_plane_that_is_narrower_lies_in_the_middle():
    made = patch(np.ones((2, 4, 30), np.uint8), (0, 3, 15), 8)
    assert made.any(axis=1).tolist() == [False, False, True, True, True, True, False, False]


def test_a_region_is_outlined_in_its_colour_on_the_grey_of_the_layer():
    ids = np.ones((3, 20, 20), dtype=np.uint16)
    ids[1, 6:15, 6:15] = 2
    ids[1, 8:10, 8:10] = 3
    grey = np.full(ids.shape, 5.0)
    grey[1, 10, 10], grey[1, 0, 0] = 99.0, np.nan
    picture = thumbnail(np.array([False, True, True]), (1, 10, 10), ids, grey, RED, 20)
    outlined = (picture == (255, 0, 0)).all(axis=2)
    expected = np.zeros((20, 20), bool)
    expected[6:15, 6:15], expected[7:14, 7:14] = True, False
    np.testing.assert_array_equal(outlined, expected)
    assert picture[10, 10].tolist() == [255] * 3
    assert picture[1, 1].tolist() == [128] * 3
    assert picture[0, 0].tolist() == [0] * 3
    assert (picture.dtype, picture.shape) == (np.uint8, (20, 20, 3))


def test_a_region_that_fills_the_picture_has_no_frame_and_without_a_volume_it_is_filled():
    ids = np.ones((1, 40, 40), dtype=np.uint16)
    grey = np.zeros(ids.shape, np.uint8)
    assert not (thumbnail(np.array([True]), (0, 20, 20), ids, grey, RED, 16) == (255, 0, 0)).all(axis=2).any()
    filled = thumbnail(np.array([True]), (0, 0, 0), ids, None, RED, 16)
    assert filled[15, 15].tolist() == [255, 0, 0]
    narrow = thumbnail(np.array([True]), (0, 0, 0), ids[:, :8], None, RED, 16)
    assert narrow[0, 0].tolist() == [BACKGROUND] * 3


@pytest.mark.parametrize("known", [True, False])
def test_the_typical_leaf_looks_like_the_mean_or_is_the_largest(known):
    places = np.zeros((5, 4), np.int32)
    places[3] = -1
    descriptors = np.array([[0.0, 1], [5, 1], [10, 1], [5, 1], [99, 9]], np.float32)
    leaves, sizes = np.array([True, True, True, True, False]), np.array([30, 10, 20, 99, 999])
    assert typical_leaf(leaves, places, sizes, descriptors if known else None) == (1 if known else 0)
    assert typical_leaf(np.zeros(5, bool), places, sizes, descriptors) is None
