import numpy as np
import pytest

from napari_hypseg.methods.seeds import SAMPLE, SURROUNDINGS, UNKNOWN, cut_faces, enlarge, largest, plant

SHAPE = (32, 32, 32)
BLOCK = (slice(11, 22), slice(10, 21), slice(12, 23))


def faint():
    return np.random.default_rng(0).uniform(0, 0.05, SHAPE).astype(np.float32)


def block():
    """Evidence of a sample in the middle."""
    evidence = faint()
    evidence[BLOCK] += 1
    return evidence


def planted(evidence, valid=None):
    return plant(evidence, np.ones(evidence.shape, bool) if valid is None else valid)


def core(pieces):
    return tuple(slice(piece.start + 3, piece.stop - 3) for piece in pieces)


def test_a_block_becomes_sample_and_what_is_clear_of_it_does_not():
    seeds = planted(block())
    assert seeds.dtype == np.int8
    assert set(np.unique(seeds)) == {SAMPLE, SURROUNDINGS, UNKNOWN}
    assert (seeds[core(BLOCK)] == SAMPLE).all()
    outside = np.ones(SHAPE, bool)
    outside[BLOCK] = False
    assert not (seeds[outside] == SAMPLE).any()
    assert not (seeds[BLOCK] == SURROUNDINGS).any()
    assert (seeds[:2] == SURROUNDINGS).all()
    assert (seeds[..., -2:] == SURROUNDINGS).all()


def test_a_wall_that_touches_the_faces_becomes_surroundings():
    evidence = block()
    evidence[:, 3:5, 8:24] += 1.5
    seeds = planted(evidence)
    assert (seeds[core(BLOCK)] == SAMPLE).all()
    assert not (seeds[:, 3:5] == SAMPLE).any()
    assert (seeds[:, 3:5, 8:24] == SURROUNDINGS).mean() > 0.5


def test_a_smaller_object_beside_it_is_no_sample():
    evidence = block()
    evidence[4:8, 24:28, 3:7] += 1
    seeds = planted(evidence)
    assert (seeds[core(BLOCK)] == SAMPLE).all()
    assert not (seeds[4:8, 24:28, 3:7] == SAMPLE).any()


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("side", [0, -1])
def test_a_sample_that_is_cut_by_a_face_is_seen(axis, side):
    evidence = np.moveaxis(faint(), axis, 0)
    evidence[(slice(0, 10) if side == 0 else slice(-10, None)), 8:22, 9:24] += 1
    evidence = np.moveaxis(evidence, 0, axis)
    faces = cut_faces(evidence)
    expected = [[False, False] for _ in range(3)]
    expected[axis][side] = True
    assert [list(pair) for pair in faces] == expected
    seeds = np.moveaxis(planted(evidence), axis, 0)
    held = seeds[slice(0, 8) if side == 0 else slice(-8, None), 11:19, 12:21]
    assert (held == SAMPLE).any()
    assert not (held == SURROUNDINGS).any()


def test_a_few_slices_say_nothing_of_what_lies_before_and_behind():
    faces = cut_faces(block()[14:18])
    assert [list(pair) for pair in faces] == [[True, True], [False, False], [False, False]]


def test_what_is_not_valid_is_never_sample():
    valid = np.ones(SHAPE, bool)
    valid[:, :, :6] = False
    evidence = block()
    evidence[~valid] = 5
    seeds = planted(evidence, valid)
    assert (seeds[~valid] == SURROUNDINGS).all()
    assert (seeds[core(BLOCK)] == SAMPLE).all()


@pytest.mark.parametrize("evidence", [np.zeros(SHAPE, np.float32), np.ones(SHAPE, np.float32), faint()])
def test_nothing_to_see_is_no_error(evidence):
    assert planted(evidence).shape == SHAPE


@pytest.mark.parametrize("shape", [(1, 20, 20), (2, 3, 4), (1, 1, 1), (20, 1, 20)])
def test_any_grid(shape):
    evidence = np.random.default_rng(0).uniform(0, 1, shape).astype(np.float32)
    assert planted(evidence).shape == shape


def test_seeds_of_half_the_grid_cover_the_whole_one():
    seeds = np.arange(8, dtype=np.int8).reshape(2, 2, 2)
    larger = enlarge(seeds, (4, 5, 2))
    assert larger.shape == (4, 5, 2)
    np.testing.assert_array_equal(larger[::3, ::4], seeds)
    assert (larger[0, 0] == larger[1, 1]).all()


def test_the_largest_piece():
    mask = np.zeros((9, 9, 9), bool)
    mask[:2, :2, :2], mask[5:8, 5:8, 5:8] = True, True
    kept = largest(mask)
    assert kept.sum() == 27
    assert kept[6, 6, 6]
    assert not largest(np.zeros((3, 3, 3), bool)).any()
