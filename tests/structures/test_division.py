import numpy as np
import pytest

from napari_hypseg.errors import SettingError
from napari_hypseg.structures.division import part_runs, piece_runs
from napari_hypseg.structures.voxel_runs import voxels_of

SHAPE = (40, 90, 120)


def ball(centre, radius):
    grid = np.indices(SHAPE).transpose(1, 2, 3, 0)
    return np.square(grid - np.array(centre)).sum(-1) <= radius**2


@pytest.fixture
def touching():
    """Two balls that overlap a little, and a third one apart."""
    return ball((20, 40, 30), 14), ball((20, 40, 56), 14), ball((20, 40, 100), 9)


def as_mask(runs):
    mask = np.zeros(SHAPE, dtype=bool)
    mask.flat[voxels_of(runs)] = True
    return mask


def test_a_piece_is_found_whole_however_far_it_reaches(touching):
    first, second, third = touching
    mask = first | second | third
    np.testing.assert_array_equal(as_mask(piece_runs(mask, (20, 40, 20))), first | second)
    np.testing.assert_array_equal(as_mask(piece_runs(mask, (20, 40, 100))), third)
    long = np.zeros(SHAPE, dtype=bool)
    long[5, 3, :] = long[5, :, 119] = True
    np.testing.assert_array_equal(as_mask(piece_runs(long, (5, 3, 0))), long)


def test_marks_divide_what_touches_at_its_neck(touching):
    first, second, _ = touching
    part = as_mask(part_runs(first | second, [(20, 40, 28), (20, 45, 30)], [(20, 40, 58)], (1, 1, 1)))
    assert (part & ~second).sum() == 0
    assert part[second & ~first].mean() > 0.98


def test_marks_that_make_no_sense_are_told(touching):
    first, second, third = touching
    mask = first | second | third
    with pytest.raises(SettingError, match="Mark at least one place with A and one with B"):
        part_runs(mask, [(20, 40, 28)], [], (1, 1, 1))
    with pytest.raises(SettingError, match="The marks lie in pieces that do not touch"):
        part_runs(mask, [(20, 40, 28)], [(20, 40, 100)], (1, 1, 1))
    for nowhere in ((0, 0, 0), (50, 0, 0), (-1, 40, 28)):
        with pytest.raises(SettingError, match="There is nothing of this here"):
            piece_runs(mask, nowhere)
