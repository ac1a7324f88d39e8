import numpy as np
import pytest
from scipy import ndimage

from napari_hypseg.methods.localizers.mask_morphology import inner_distance
from napari_hypseg.methods.localizers.seeds import (
    BACKGROUND,
    SAMPLE,
    UNKNOWN,
    enlarge,
    find_component,
    place_seeds,
    textured,
)
from napari_hypseg.methods.localizers.structure_tensor import structure as strength
from napari_hypseg.volumes.coarse import CoarseVolume

SHAPE = (32, 32, 32)
BLOCK = (slice(9, 24), slice(10, 24), slice(8, 23))
EVERYWHERE = np.ones(SHAPE, bool)


def faint():
    return np.random.default_rng(0).uniform(0, 0.05, SHAPE).astype(np.float32)


def mask(*pieces):
    made = np.zeros(SHAPE, bool)
    for piece in pieces:
        made[piece] = True
    return made


def varied(*pieces):
    """Structure that is high in `pieces`."""
    return faint() + mask(*pieces)


def found(structure, evidence, valid):
    """The piece of what is textured that holds most of the evidence."""
    return find_component(textured(structure, valid), evidence)


def is_piece(mine, piece):
    """Whether it is that piece, but for its edges and corners."""
    return not (mine & ~mask(piece)).any() and mine.sum() > 0.6 * mask(piece).sum() and mine[piece].any((0, 1)).all()


SMALL = (slice(2, 7), slice(2, 7), slice(25, 30))


def test_the_piece_with_most_evidence_is_found_and_not_the_largest():
    structure = varied(BLOCK, SMALL)
    evidence = np.zeros(SHAPE, np.float32)
    evidence[BLOCK], evidence[SMALL] = 0.01, 1.0
    assert is_piece(found(structure, evidence, EVERYWHERE), SMALL)
    evidence[SMALL] = 0.02
    assert is_piece(found(structure, evidence, EVERYWHERE), BLOCK)


def test_evidence_without_structure_is_no_piece():
    evidence = np.zeros(SHAPE, np.float32)
    evidence[SMALL], evidence[BLOCK] = 1.0, 0.1
    assert is_piece(found(varied(BLOCK), evidence, EVERYWHERE), BLOCK)


def test_a_cavity_belongs_to_the_piece():
    structure = varied(BLOCK)
    structure[14:18, 14:18, 13:17] = 0
    assert is_piece(found(structure, mask(BLOCK), EVERYWHERE), BLOCK)


def test_crumbs_are_no_bridge():
    structure = varied(BLOCK, SMALL)
    structure[5:10, 6, 20:26] = 1
    structure[9, 6:11, 20] = 1
    assert not found(structure, mask(BLOCK), EVERYWHERE)[SMALL].any()


def test_structure_where_nothing_is_valid_does_not_count():
    valid = ~mask(SMALL)
    structure, evidence = varied(BLOCK, SMALL), mask(SMALL) + 0.1 * mask(BLOCK)
    assert is_piece(found(structure, evidence, valid), BLOCK)


@pytest.mark.parametrize("valid", [EVERYWHERE, ~EVERYWHERE])
def test_where_everything_is_the_same_there_is_no_piece(valid):
    assert not found(np.ones(SHAPE, np.float32), faint(), valid).any()


def test_two_levels_that_hardly_differ_are_no_error():
    structure = np.ones((4, 4, 4), np.float32)
    structure[2, 2, 2] = np.nextafter(np.float32(1), np.float32(2))
    assert found(structure, structure, np.ones((4, 4, 4), bool)).sum() == 1


@pytest.mark.parametrize("smooth", [0, 1, 2])
def test_nothing_is_textured_in_noise(smooth):
    noise = np.random.default_rng(0).normal(size=(1, 64, 64, 64)).astype(np.float32)
    data = ndimage.gaussian_filter(noise, (0, smooth, smooth, smooth))
    valid = np.ones((32, 32, 32), bool)
    assert not textured(strength(CoarseVolume(data, np.ones((64, 64, 64), bool), (1, 1, 1), (64, 64, 64))), valid).any()


@pytest.mark.parametrize("shape", [(1, 20, 20), (2, 1, 1), (1, 1, 2), (1, 1, 1), (20, 1, 20), (2, 2, 2)])
def test_any_grid(shape):
    draw = np.random.default_rng(0)
    structure, evidence = (draw.uniform(2, 3, shape).astype(np.float32) for _ in range(2))
    valid = np.ones(shape, bool)
    piece = found(structure, evidence, valid)
    assert piece.shape == shape
    assert piece.any() == (structure.size > 1)
    seeds = place_seeds(piece, valid)
    assert seeds.shape == shape
    assert not (piece & (seeds == BACKGROUND)).any()


def test_the_inside_is_sample_the_skin_unknown_and_the_rest_surroundings():
    piece = mask(BLOCK)
    seeds = place_seeds(piece, EVERYWHERE)
    assert seeds.dtype == np.int8
    assert set(np.unique(seeds)) == {SAMPLE, BACKGROUND, UNKNOWN}
    assert (seeds[13:20, 14:20, 12:19] == SAMPLE).sum() > 100
    assert seeds[16, 17, 15] == SAMPLE
    assert (inner_distance(piece)[seeds == SAMPLE] > 2).all()
    assert not (seeds[BLOCK] == BACKGROUND).any()
    assert (seeds[7] == BACKGROUND).all()
    assert (seeds[8, 10:24, 8:23] == UNKNOWN).all()


def test_a_thin_holder_remains_unknown():
    rod = (slice(24, 32), slice(15, 18), slice(14, 17))
    seeds = place_seeds(mask(BLOCK, rod), EVERYWHERE)
    assert (seeds[rod] == UNKNOWN).all()
    assert seeds[16, 17, 15] == SAMPLE


def test_a_thick_holder_of_a_thicker_sample_remains_unknown():
    piece = np.zeros((48, 40, 40), bool)
    piece[4:34, 5:35, 5:35] = True
    piece[34:, 14:26, 14:26] = True
    seeds = place_seeds(piece, np.ones(piece.shape, bool))
    assert not (seeds[38:] == SAMPLE).any()
    assert (seeds[10:26, 14:26, 14:26] == SAMPLE).all()


def test_a_sample_that_is_cut_by_a_face_is_sample_up_to_it():
    seeds = place_seeds(mask((slice(0, 16), *BLOCK[1:])), EVERYWHERE)
    assert seeds[0, 17, 15] == SAMPLE


def test_what_is_not_valid_is_surroundings():
    valid = EVERYWHERE.copy()
    valid[:, :, :16] = False
    seeds = place_seeds(mask(BLOCK), valid)
    assert (seeds[~valid] == BACKGROUND).all()
    assert (seeds[valid] == SAMPLE).any()


def test_without_a_piece_all_is_surroundings():
    assert (place_seeds(~EVERYWHERE, EVERYWHERE) == BACKGROUND).all()


def test_seeds_of_half_the_grid_cover_the_whole_one():
    seeds = np.arange(8, dtype=np.int8).reshape(2, 2, 2)
    larger = enlarge(seeds, (4, 5, 2))
    assert larger.shape == (4, 5, 2)
    np.testing.assert_array_equal(larger[::3, ::4], seeds)
    assert (larger[0, 0] == larger[1, 1]).all()
