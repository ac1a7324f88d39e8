import numpy as np
import pytest

from napari_hypseg.methods.localizers.mask_morphology import (
    filled_component,
    inner_distance,
    largest_component,
    opened,
    without_holder,
)

SHAPE = (24, 24, 24)


def block():
    mask = np.zeros(SHAPE, bool)
    mask[6:18, 6:18, 6:18] = True
    return mask


def test_the_largest_piece_stays_alone():
    mask = block()
    mask[1:3, 1:3, 1:3] = True
    assert (largest_component(mask) == block()).all()
    assert not largest_component(mask & False).any()


def test_the_piece_that_holds_the_core_is_taken_even_if_it_is_small():
    mask = block()
    mask[1:4, 1:4, 1:4] = True
    core = np.zeros(SHAPE, bool)
    core[2, 2, 2] = True
    piece = filled_component(mask, core)
    assert piece.sum() == 27
    assert piece[1:4, 1:4, 1:4].all()


@pytest.mark.parametrize("core", [np.zeros(SHAPE, bool), ~block()])
def test_where_no_piece_holds_the_core_the_largest_is_taken(core):
    mask = block()
    mask[1:4, 1:4, 1:4] = True
    core[1:4, 1:4, 1:4] = False
    assert (filled_component(mask, core) == block()).all()


def test_cavities_belong_to_the_piece():
    mask = block()
    mask[10:14, 10:14, 10:14] = False
    assert (filled_component(mask, mask) == block()).all()


def test_nothing_has_no_piece():
    assert not filled_component(block() & False, block()).any()


def test_depth_is_counted_from_the_skin_and_not_from_the_faces():
    depth = inner_distance(block())
    assert depth[6, 12, 12] == 1
    assert depth[8, 12, 12] == 3
    assert (depth[~block()] == 0).all()
    cut = np.zeros(SHAPE, bool)
    cut[:, :, :9] = True
    np.testing.assert_array_equal(inner_distance(cut)[0, 0, :10], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0])


def test_opening_takes_a_rod_away_and_leaves_flat_faces_where_they_are():
    mask = block()
    mask[18:, 11:13, 11:13] = True
    left = opened(mask, 0.4)
    assert not left[20:].any()
    for face in (left[6], left[17], left[:, 6], left[..., 17]):
        assert face[9:15, 9:15].all()
    assert not (left & ~mask).any()
    assert (left & block()).sum() > 0.9 * block().sum()


@pytest.mark.parametrize("share", [0.2, 0.4, 0.5])
def test_opening_leaves_a_ball_a_ball(share):
    ball = np.linalg.norm(np.indices(SHAPE) - 12, axis=0) < 9
    assert opened(ball, share).sum() > 0.98 * ball.sum()


def test_opening_keeps_the_largest_of_what_falls_apart():
    mask = block()
    mask[11:13, 11:13, 18:] = True
    mask[9:15, 9:15, 22:] = True
    left = opened(mask, 0.3)
    assert left[12, 12, 10]
    assert not left[..., 22:].any()


@pytest.mark.parametrize("shape", [(1, 9, 9), (2, 1, 1), (1, 1, 1)])
def test_opening_of_nothing_and_of_flat_things(shape):
    assert not opened(np.zeros(shape, bool), 0.5).any()
    assert opened(np.ones(shape, bool), 0.2).all()
    spot = np.zeros(shape, bool)
    spot.flat[0] = True
    np.testing.assert_array_equal(opened(spot, 0.5), spot)


def test_a_rod_from_the_border_goes_and_a_spike_that_ends_in_the_field_stays():
    mask = block()
    mask[18:, 11:13, 11:13] = True
    mask[11:13, 11:13, 18:22] = True
    left = without_holder(mask)
    assert not left[21:].any()
    assert left[11:13, 11:13, 20].all()
    assert left[block()].all()


def test_a_sample_of_thin_walls_is_no_holder():
    mask = np.zeros(SHAPE, bool)
    mask[:, 4:20, 4:20] = True
    mask[:, 6:18, 6:18] = False
    mask[8:16, 8:16, 8:16] = True
    mask[11:13, 11:13, 4:20] = True
    np.testing.assert_array_equal(without_holder(mask), mask)
