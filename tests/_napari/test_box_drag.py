import pytest

from napari_hypseg._napari.box_drag import START, STOP, dragged, grip_at, holds, whole, within
from napari_hypseg.volumes import Box

SHAPE = (20, 30, 40)
BOX = Box((4, 5, 6), (14, 20, 30))
REACH = (1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("box", "inside"),
    [
        (Box((-3, 5, 6), (14, 50, 30)), Box((0, 5, 6), (14, 30, 30))),
        (Box((4, 5, 6), (4, 5, 6)), Box((4, 5, 6), (5, 6, 7))),
        (Box((50, 50, 50), (60, 60, 60)), Box((19, 29, 39), (20, 30, 40))),
        (Box((-9, -9, -9), (-5, -5, -5)), Box((0, 0, 0), (1, 1, 1))),
        (BOX, BOX),
    ],
)
def test_a_box_is_brought_into_the_grid_and_never_empty(box, inside):
    assert within(box, SHAPE) == inside


@pytest.mark.parametrize(
    ("position", "grip"),
    [
        ((0, 4.5, 18), {(1, START)}),
        ((0, 3.6, 18), {(1, START)}),
        ((0, 19.0, 18), {(1, STOP)}),
        ((0, 12, 5.5), {(2, START)}),
        ((0, 12, 30.0), {(2, STOP)}),
        ((0, 4.4, 29.6), {(1, START), (2, STOP)}),
        ((0, 12, 18), set()),
        ((0, 4.5, 2), set()),  # beside the box, on the line that its side would go on
        ((0, 2, 18), set()),
    ],
)
def test_sides_and_corners_are_within_reach_and_nothing_else(position, grip):
    assert grip_at(BOX, position, (1, 2), REACH) == grip


def test_of_a_box_thinner_than_the_reach_the_nearer_side_is_taken():
    thin = Box((4, 10, 6), (14, 11, 30))
    assert grip_at(thin, (0, 9.0, 18), (1, 2), (5, 5, 5)) == {(1, START)}
    assert grip_at(thin, (0, 11.0, 18), (1, 2), (5, 5, 5)) == {(1, STOP)}


def test_reach_is_its_own_along_each_axis():
    assert grip_at(BOX, (0, 7, 18), (1, 2), (1, 3, 1)) == {(1, START)}
    assert grip_at(BOX, (0, 12, 8), (1, 2), (1, 3, 1)) == set()


def test_a_voxel_belongs_to_the_box_with_all_its_width():
    assert holds(BOX, (3.5, 0, 0), (0,))
    assert not holds(BOX, (3.49, 0, 0), (0,))
    assert holds(BOX, (13.49, 0, 0), (0,))
    assert not holds(BOX, (13.5, 0, 0), (0,))


def test_only_the_sides_in_hand_move_and_by_whole_voxels():
    assert dragged(BOX, frozenset({(1, START)}), (9, 2.4, 9), SHAPE) == Box((4, 7, 6), (14, 20, 30))
    corner = frozenset({(1, STOP), (2, START)})
    assert dragged(BOX, corner, (9, 2.6, -1), SHAPE) == Box((4, 5, 5), (14, 23, 30))


@pytest.mark.parametrize("way", [-1000, 1000])
def test_sides_stop_at_the_grid_and_before_the_opposite_side(way):
    low = dragged(BOX, frozenset({(1, START)}), (0, way, 0), SHAPE)
    high = dragged(BOX, frozenset({(1, STOP)}), (0, way, 0), SHAPE)
    assert (low.start[1], high.stop[1]) == ((0, 6) if way < 0 else (19, 30))
    assert low.size > 0
    assert high.size > 0


@pytest.mark.parametrize("way", [-1000, 1000])
def test_the_whole_box_keeps_its_size_up_to_the_border(way):
    moved = dragged(BOX, whole((0, 2)), (way, way, way), SHAPE)
    assert moved.shape == BOX.shape
    assert moved.start[1] == BOX.start[1]
    assert within(moved, SHAPE) == moved
    assert moved.start[0] in (0, 10)
