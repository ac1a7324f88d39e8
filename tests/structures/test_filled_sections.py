import numpy as np
import pytest

from napari_hypseg.jobs import quietly
from napari_hypseg.structures.filled_sections import FilledSections, enclosed_share_job, filled

ROWS, COLUMNS = np.indices((40, 50))


def ring(y, x, radius, thickness=2.0):
    away = np.hypot(ROWS - y, COLUMNS - x)
    return (away <= radius) & (away > radius - thickness)


def disk(y, x, radius):
    return np.hypot(ROWS - y, COLUMNS - x) <= radius


def test_a_ring_is_filled_and_what_is_outside_is_not():
    np.testing.assert_array_equal(filled(ring(20, 25, 9)), disk(20, 25, 9))
    assert not filled(np.zeros((5, 6), bool)).any()
    assert filled(np.ones((5, 6), bool)).all()


def test_a_ring_that_the_border_cuts_is_filled_but_a_corner_that_a_bar_cuts_off_is_not():
    np.testing.assert_array_equal(filled(ring(3, 25, 9)), disk(3, 25, 9))
    bar = np.abs(ROWS - COLUMNS) < 2
    np.testing.assert_array_equal(filled(bar), bar)
    level = np.abs(ROWS - 10) < 2
    np.testing.assert_array_equal(filled(level), level)


def test_an_open_ring_is_not_filled():
    arc = ring(20, 25, 9) & ~((np.abs(ROWS - 20) < 3) & (COLUMNS > 25))
    np.testing.assert_array_equal(filled(arc), arc)


@pytest.mark.parametrize("index", [np.s_[2], np.s_[1:4], np.s_[:, 10:22, 20], np.s_[3, 15:30, ...]])
def test_parts_are_those_of_whole_sections(index):
    mask = np.stack([ring(20, 25, radius) for radius in (5, 7, 9, 7, 5)]).astype(np.uint8) * 3
    lazy = FilledSections(mask)
    whole = np.stack([disk(20, 25, radius) for radius in (5, 7, 9, 7, 5)])
    assert lazy.shape == mask.shape
    np.testing.assert_array_equal(lazy[index], whole[index])


def test_the_share_of_what_is_enclosed():
    mask = np.stack([np.zeros((40, 50), bool), ring(20, 25, 9), disk(20, 25, 9)])
    expected = (disk(20, 25, 9) & ~ring(20, 25, 9)).sum() / mask.sum()
    assert quietly(enclosed_share_job(mask)) == pytest.approx(expected)
    assert quietly(enclosed_share_job(mask[:1])) == 0
