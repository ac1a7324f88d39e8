"""A crop is a volume that is still read from where the whole lies."""

from pathlib import Path

import numpy as np
import pytest

from napari_hypseg.errors import SettingError
from napari_hypseg.io.crop import CroppedArray, crop
from napari_hypseg.volumes import Box, Volume

BOX = Box((1, 2, 3), (4, 6, 7))


@pytest.mark.parametrize(
    "index",
    [0, -1, slice(None), slice(1, 3), slice(-2, None), slice(0, 99), slice(0, 3, 2), (slice(0, 2), slice(1, 3)),
     (slice(None), slice(None), slice(None)), (1, slice(None), 2), (np.int64(2), 1, 0)],
)  # fmt: skip
def test_a_window_is_indexed_as_the_copy_would_be(index: object, distinct: np.ndarray) -> None:
    window = CroppedArray(distinct, BOX)
    np.testing.assert_array_equal(window[index], distinct[BOX.slices][index])
    assert (window.shape, window.dtype) == ((3, 4, 4), np.uint16)


def test_a_window_reads_no_more_than_asked() -> None:
    asked = []

    class Recording:
        shape, dtype = (10**6, 10**6, 10**6), np.dtype(np.uint8)

        def __getitem__(self, index: tuple[slice, ...]) -> None:
            asked.append(index)

    CroppedArray(Recording(), Box((5, 6, 7), (500, 600, 700)))[10:12]
    assert asked == [(slice(15, 17, 1), slice(6, 600, 1), slice(7, 700, 1))]


def test_a_crop_stays_where_it_was(distinct: np.ndarray) -> None:
    volume = Volume((distinct, distinct + 1), (3.0, 2.0, 1.5), "nanometer", (10.0, -20.0, 30.5), sources=(Path("a"),))
    part = crop(volume, BOX)
    assert part.origin == volume.to_world(BOX.start) == (13.0, -16.0, 35.0)
    assert part.to_world((1, 1, 1)) == volume.to_world((2, 3, 4))
    assert (part.voxel_size, part.unit, part.sources) == (volume.voxel_size, volume.unit, volume.sources)
    np.testing.assert_array_equal(part.read(part.box), volume.read(BOX))


@pytest.mark.parametrize(
    ("box", "match"),
    [
        (Box((1, 1, 1), (1, 3, 3)), "1:1,1:3,1:3 .* is empty"),
        (Box((3, 1, 1), (1, 3, 3)), "is empty"),
        (Box((0, 0, 0), (5, 6, 8)), "leaves the grid of cell, which has 5×6×7 voxels"),
        (Box((-1, 0, 0), (4, 6, 7)), "leaves the grid"),
        (Box((50, 0, 0), (60, 6, 7)), "leaves the grid"),
        (Box((1, 0, 0), (2, 6, 7)), "single section of 1×6×7"),
    ],
)
def test_boxes_that_cannot_be_cut_out(box: Box, match: str, distinct: np.ndarray) -> None:
    with pytest.raises(SettingError, match=match):
        crop(Volume((distinct,), name="cell"), box)
