import pytest

from napari_hypseg.errors import SettingError
from napari_hypseg.volumes import Box


def test_text_names_a_box():
    assert Box.parse("1:4, 2:6,3:8") == Box((1, 2, 3), (4, 6, 8))


@pytest.mark.parametrize("text", ["1:2,3:4", "a", "1:2,3:4,5:", "missing.json"])
def test_what_is_no_box_is_named(text):
    with pytest.raises(SettingError, match=text.split(",")[0]):
        Box.parse(text)


def test_intersection_shape_and_shift():
    common = Box((0, 0, 0), (4, 5, 6)).intersect(Box((2, 2, 2), (9, 9, 9)))
    assert common.shape == (2, 3, 4)
    assert common.size == 24
    assert common.shift((-2, -2, -2)).start == (0, 0, 0)
    assert Box((0, 0, 0), (2, 2, 2)).intersect(Box((5, 5, 5), (6, 6, 6))).size == 0
