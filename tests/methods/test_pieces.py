import numpy as np

from napari_hypseg.methods.pieces import largest, solid_piece, without_holder

SHAPE = (24, 24, 24)


def block():
    mask = np.zeros(SHAPE, bool)
    mask[6:18, 6:18, 6:18] = True
    return mask


def test_the_largest_piece_stays_alone():
    mask = block()
    mask[1:3, 1:3, 1:3] = True
    assert (largest(mask) == block()).all()


def test_the_piece_that_holds_the_core_is_taken_even_if_it_is_small():
    mask = block()
    mask[1:4, 1:4, 1:4] = True
    core = np.zeros(SHAPE, bool)
    core[2, 2, 2] = True
    piece = solid_piece(mask, core, np.ones(SHAPE, bool))
    assert piece[2, 2, 2]
    assert not piece[6:18].any()


def test_cavities_belong_to_the_piece():
    mask = block()
    mask[10:14, 10:14, 10:14] = False
    assert (solid_piece(mask, mask, np.ones(SHAPE, bool)) == block()).all()


def test_a_rod_from_the_border_goes_and_a_spike_that_ends_in_the_field_stays():
    mask = block()
    mask[18:, 11:13, 11:13] = True
    mask[11:13, 11:13, 18:22] = True
    left = without_holder(mask)
    assert not left[21:].any()
    assert left[11:13, 11:13, 20].all()


def test_a_sample_of_thin_walls_is_no_holder():
    mask = np.zeros(SHAPE, bool)
    mask[:, 4:20, 4:20] = True
    mask[:, 6:18, 6:18] = False
    mask[8:16, 8:16, 8:16] = True
    mask[11:13, 11:13, 4:20] = True
    assert without_holder(mask)[0].any()
