from pathlib import Path

import numpy as np
import pytest

from napari_hypseg.errors import InputError
from napari_hypseg.volumes import Box, Specimen, Volume
from napari_hypseg.volumes.binning import BinnedArray, BinnedLabels, BinnedMask, bin_text, binned, binned_box

ARRAY = np.arange(5 * 6 * 7, dtype=np.int16).reshape(5, 6, 7)


def test_a_block_is_the_mean_of_its_voxels_and_the_odd_end_is_left_out():
    array = BinnedArray(ARRAY)
    assert (array.shape, array.ndim, len(array)) == ((2, 3, 3), 3, 2)
    read = np.asarray(array)
    assert (read.dtype, read.shape) == (np.float32, (2, 3, 3))
    assert read[1, 2, 0] == ARRAY[2:4, 4:6, 0:2].mean()


def test_each_axis_can_be_binned_by_its_own_number():
    array = BinnedArray(ARRAY, (1, 2, 3))
    assert array.shape == (5, 3, 2)
    assert array[4, 2, 1] == ARRAY[4, 4:6, 3:6].mean()


@pytest.mark.parametrize(
    "index",
    [0, -1, (1, 2), (1, 2, 0), slice(None), slice(1, None), (slice(None), 1), (Ellipsis, slice(1, 3)),
     (slice(0, 2), slice(2, 0, -1), slice(None, None, 2)), (slice(None, None, -1),), slice(5, 2)],
)  # fmt: skip
def test_only_what_is_asked_for_is_read_and_it_is_as_in_the_whole(index):
    array = BinnedArray(ARRAY)
    np.testing.assert_array_equal(array[index], np.asarray(array)[index])


def test_large_values_keep_their_digits_and_what_is_no_number_has_no_mean():
    large = np.full((2, 2, 2), 1e9) + np.arange(8.0).reshape(2, 2, 2)
    assert BinnedArray(large)[0, 0, 0] == 1e9 + 3.5
    with_gap = np.ones((2, 2, 4), np.float32)
    with_gap[0, 0, 0], with_gap[0, 0, 1] = np.inf, -np.inf
    np.testing.assert_array_equal(BinnedArray(with_gap)[0, 0], [np.nan, 1])


def test_a_block_counts_if_half_of_its_voxels_do():
    mask = np.zeros((2, 2, 6), np.int8)
    mask[0, :, :2] = 1
    mask[0, :, 2] = 1
    np.testing.assert_array_equal(BinnedMask(mask)[0, 0], [1, 0, 0])


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        (Box((0, 0, 0), (4, 6, 6)), Box((0, 0, 0), (2, 3, 3))),
        (Box((1, 3, 5), (3, 4, 7)), Box((0, 1, 2), (2, 2, 3))),
        (Box((3, 5, 6), (4, 6, 7)), Box((1, 2, 2), (2, 3, 3))),
    ],
)
def test_a_box_covers_what_it_covered(box, expected):
    assert binned_box(box, (2, 2, 2), (2, 3, 3)) == expected


def test_a_specimen_stays_where_it_is():
    file = Path("tomogram.mrc")
    volume = Volume((ARRAY, ARRAY + 1), (10.0, 10.0, 20.0), "angstrom", (100.0, 0.0, 0.0), "cell", (file,))
    mask = Volume((ARRAY > 100,), volume.voxel_size, volume.unit, volume.origin, sources=(Path("mask.mrc"),))
    made = binned(Specimen(volume, mask, Box((2, 0, 0), (9, 6, 7))), 2)
    assert made.volume.shape == (2, 3, 3)
    assert made.volume.voxel_size == (20, 20, 40)
    assert made.volume.origin == (105, 5, 10)
    assert (made.volume.sources, made.volume.originals, made.volume.binning) == ((), (file,), (2, 2, 2))
    assert made.box == Box((1, 0, 0), (2, 3, 3))
    assert made.mask is not None
    np.testing.assert_array_equal(made.mask.channels[0][:], BinnedMask(ARRAY > 100)[:])
    np.testing.assert_array_equal(made.volume.read(made.volume.box)[1], BinnedArray(ARRAY + 1)[:])
    for index in np.ndindex(2, 3, 3):
        fine = tuple(2 * i + 0.5 for i in index)
        assert made.volume.to_world(index) == pytest.approx(volume.to_world(fine))


def test_binning_twice_is_told_as_one():
    volume = Volume((np.zeros((8, 8, 8), np.float32),), sources=(Path("a.mrc"),))
    twice = binned(binned(Specimen(volume), 2), (1, 2, 2)).volume
    assert (twice.binning, twice.originals) == ((2, 4, 4), (Path("a.mrc"),))
    assert twice.origin == (0.5, 1.5, 1.5)


def test_nothing_to_do_changes_nothing():
    specimen = Specimen(Volume((ARRAY,)))
    assert binned(specimen, 1) is specimen


@pytest.mark.parametrize("factors", [3, (1, 1, 4), 0, -2])
def test_too_few_voxels_or_no_number_of_them_is_refused(factors):
    with pytest.raises(InputError, match="binned"):
        binned(Specimen(Volume((ARRAY,), name="cell")), factors)


def test_how_it_is_written():
    assert [bin_text((2, 2, 2)), bin_text((1, 2, 2))] == ["2", "1,2,2"]


def test_a_block_has_the_label_of_most_of_its_voxels():
    labels = np.random.default_rng(0).integers(0, 4, (7, 6, 8)).astype(np.int16)
    made = np.asarray(BinnedLabels(labels, (2, 3, 2)))
    assert made.dtype == labels.dtype
    assert made.shape == (3, 2, 4)
    for (z, y, x), label in np.ndenumerate(made):
        block = labels[2 * z : 2 * z + 2, 3 * y : 3 * y + 3, 2 * x : 2 * x + 2]
        assert label == np.bincount(block.ravel()).argmax()
