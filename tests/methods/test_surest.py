import numpy as np
import pytest

from napari_hypseg.methods.surest import SHELL, border_shell, cut_faces, surest

SHAPE = (32, 32, 32)
BLOCK = (slice(11, 22), slice(10, 21), slice(12, 23))
EVERYWHERE = np.ones(SHAPE, bool)


def faint():
    return np.random.default_rng(0).uniform(0, 0.05, SHAPE).astype(np.float32)


def block():
    """Evidence of a sample in the middle."""
    evidence = faint()
    evidence[BLOCK] += 1
    return evidence


def outside():
    mask = EVERYWHERE.copy()
    mask[BLOCK] = False
    return mask


def inner(by=3):
    return tuple(slice(part.start + by, part.stop - by) for part in BLOCK)


def test_the_heart_of_a_block_is_sure():
    sure = surest(block(), EVERYWHERE)
    assert sure[inner()].all()
    assert not sure[outside()].any()


def test_a_wall_that_touches_the_faces_is_no_sample():
    evidence = block()
    evidence[:, 3:5, 8:24] += 1.5
    sure = surest(evidence, EVERYWHERE)
    assert sure[inner()].all()
    assert not sure[:, 3:5].any()


def test_a_smaller_object_beside_it_is_no_sample():
    evidence = block()
    evidence[4:8, 24:28, 3:7] += 1
    sure = surest(evidence, EVERYWHERE)
    assert sure[inner()].all()
    assert not sure[outside()].any()


def cut_by(axis, side):
    """Evidence of a sample that goes on beyond a face."""
    evidence = np.moveaxis(faint(), axis, 0)
    evidence[(slice(0, 10) if side == 0 else slice(-10, None)), 8:22, 9:24] += 1
    return np.moveaxis(evidence, 0, axis)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("side", [0, -1])
def test_a_sample_that_is_cut_by_a_face_is_seen(axis, side):
    evidence = cut_by(axis, side)
    expected = [[False, False] for _ in range(3)]
    expected[axis][side] = True
    assert [list(pair) for pair in cut_faces(evidence)] == expected
    sure, shell = (np.moveaxis(made(evidence, EVERYWHERE), axis, 0) for made in (surest, border_shell))
    near = slice(1, 8) if side == 0 else slice(-8, -1)
    assert sure[near, 11:19, 12:21].any()
    assert not shell[near, 11:19, 12:21].any()
    assert not shell[side, 8:22, 9:24].any()


def test_the_shell_lies_at_all_faces_of_a_sample_in_the_middle():
    shell = border_shell(block(), EVERYWHERE)
    inside = np.zeros(SHAPE, bool)
    inside[(slice(SHELL, -SHELL),) * 3] = True
    np.testing.assert_array_equal(shell, ~inside)


def test_a_few_slices_say_nothing_of_what_lies_before_and_behind():
    few = slice(14, 18)
    assert [list(pair) for pair in cut_faces(block()[few])] == [[True, True], [False, False], [False, False]]
    shell = border_shell(block()[few], EVERYWHERE[few])
    assert shell[:, 0].all()
    assert not shell[:, SHELL:-SHELL, SHELL:-SHELL].any()


def test_what_is_not_valid_is_neither_and_its_border_is_shell():
    valid = EVERYWHERE.copy()
    valid[:, :, :6] = False
    evidence = block()
    evidence[~valid] = 5
    sure, shell = surest(evidence, valid), border_shell(evidence, valid)
    assert not (sure | shell)[~valid].any()
    assert shell[:, :, 6:8].all()
    assert sure[inner()].all()


@pytest.mark.parametrize("evidence", [np.zeros(SHAPE, np.float32), np.ones(SHAPE, np.float32)])
def test_where_everything_is_the_same_nothing_is_sure(evidence):
    assert not surest(evidence, EVERYWHERE).any()


@pytest.mark.parametrize("shape", [(1, 20, 20), (2, 3, 4), (1, 1, 1), (20, 1, 20), (1, 1, 2)])
def test_any_grid(shape):
    evidence = np.random.default_rng(0).uniform(0, 1, shape).astype(np.float32)
    for made in (surest, border_shell):
        assert made(evidence, np.ones(shape, bool)).shape == shape
