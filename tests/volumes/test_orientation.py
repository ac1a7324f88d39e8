"""Axes exchanged and reversed as they are read: the voxels of NumPy's own transpose and flip, read in any piece."""

from itertools import permutations, product

import numpy as np
import pytest

from napari_hypseg.volumes import Box, Volume
from napari_hypseg.volumes.orientation import Orientation, ReorientedArray, as_direction, find_orientation, reorient

EVERY = [Orientation(axes, flipped) for axes in permutations((0, 1, 2)) for flipped in product((False, True), repeat=3)]
DATA = np.arange(3 * 4 * 5).reshape(3, 4, 5)
INDICES = [
    np.s_[:],
    np.s_[1],
    np.s_[-1, 1:, ::2],
    np.s_[..., 0],
    np.s_[1, ..., ::-1],
    np.s_[::-1, 2:0:-1, 1:2],
    np.s_[0, 1, 2],
    np.s_[5:, :, :],
    np.s_[:, np.int64(1)],
    np.s_[0:2, 1:3, 1:4],
]


class Watched:
    """An array that knows the largest piece that was asked for."""

    def __init__(self, data):
        self.data, self.shape, self.dtype, self.most = data, data.shape, data.dtype, 0

    def __getitem__(self, index):
        piece = self.data[index]
        self.most = max(self.most, np.size(piece))
        return piece


def turned(orientation):
    flips = tuple(slice(None, None, -1 if flip else 1) for flip in orientation.flipped)
    return DATA.transpose(orientation.axes)[flips]


@pytest.mark.parametrize("orientation", EVERY, ids=str)
def test_every_piece_is_that_of_the_turned_array(orientation):
    array, expected = ReorientedArray(DATA, orientation), turned(orientation)
    assert (array.shape, array.dtype, array.ndim, len(array)) == (expected.shape, expected.dtype, 3, len(expected))
    np.testing.assert_array_equal(np.asarray(array), expected)
    for index in INDICES:
        np.testing.assert_array_equal(array[index], expected[index])


def test_only_what_is_asked_for_is_read():
    source = Watched(DATA)
    ReorientedArray(source, Orientation((2, 0, 1), (True, False, True)))[0:2, 1, 0:3]
    assert source.most == 6


def test_what_numpy_refuses_is_refused():
    array = ReorientedArray(DATA, Orientation((0, 1, 2), (True, True, True)))
    with pytest.raises(IndexError):
        array[3]
    with pytest.raises(TypeError):
        array[[0, 1]]


@pytest.mark.parametrize("orientation", EVERY, ids=str)
def test_boxes_go_where_their_voxels_go(orientation):
    box = Box((0, 1, 2), (2, 3, 5))
    marked = np.zeros_like(DATA)
    marked[box.slices] = 1
    expected = np.asarray(ReorientedArray(marked, orientation)) > 0
    moved = orientation.box(box, DATA.shape)
    assert expected[moved.slices].all()
    assert moved.size == expected.sum() == box.size


@pytest.mark.parametrize("orientation", EVERY, ids=str)
def test_every_voxel_stays_where_it_is_in_the_world(orientation):
    rotation, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))
    volume = Volume((DATA,), (3.0, 2.0, 1.5), "millimeter", (10.0, -20.0, 30.0), direction=as_direction(rotation))
    other = reorient(volume, orientation)
    assert find_orientation(volume.direction, other.direction) == orientation

    def worlds(v):
        """Positions of the voxels in the order of their values, which is the same however they are stored."""
        index = np.stack(np.indices(v.shape), axis=-1)
        positions = (np.array(v.origin) + index * v.voxel_size) @ np.asarray(v.direction).T
        return positions.reshape(-1, 3)[np.argsort(np.asarray(v.channels[0]), axis=None)]

    np.testing.assert_allclose(worlds(other), worlds(volume), atol=1e-9)


def test_axes_in_between_have_no_orientation():
    skewed = ((1.0, 0.0, 0.0), (0.9, 0.3, 0.0), (0.0, 0.0, 1.0))
    assert find_orientation(skewed, as_direction(np.eye(3))) is None
