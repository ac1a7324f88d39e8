"""A first look at the voxels."""

import numpy as np
import pytest

from napari_hypseg.errors import InputError
from napari_hypseg.volumes import Volume
from napari_hypseg.volumes.voxel_checks import check_volume

NOISE = np.random.default_rng(0).normal(size=(20, 30, 40)).astype(np.float32)


class Counting:
    """An array that counts the voxels it hands out."""

    def __init__(self, data: np.ndarray) -> None:
        self.data, self.shape, self.dtype, self.read = data, data.shape, data.dtype, 0

    def __getitem__(self, index: object) -> np.ndarray:
        part = self.data[index]
        self.read += part.size
        return part


def test_nothing_to_say_about_good_voxels() -> None:
    assert check_volume(Volume((NOISE,))) == ()


@pytest.mark.parametrize("value", [0, 7.5])
@pytest.mark.parametrize("shape", [(4, 5, 6), (70, 80, 90)])
def test_constant_volumes_are_refused(value: float, shape: tuple[int, int, int]) -> None:
    with pytest.raises(InputError, match=rf"blank: every voxel is {value:g}; there is nothing to learn"):
        check_volume(Volume((np.full(shape, value),), name="blank"))


def test_volumes_without_numbers_are_refused() -> None:
    with pytest.raises(InputError, match="no voxel is a finite number"):
        check_volume(Volume((np.full((4, 5, 6), np.nan),)))


def test_a_constant_with_holes_is_still_constant() -> None:
    data = np.full((4, 5, 6), 3.0)
    data[0] = np.nan
    with pytest.raises(InputError, match="every voxel is 3"):
        check_volume(Volume((data,)))


def test_one_different_voxel_between_the_samples_is_enough() -> None:
    data = np.zeros((100, 100, 100), np.uint8)
    data[60, 50, 50] = 1
    assert check_volume(Volume((data,))) == ()


def test_share_of_holes_is_told() -> None:
    data = NOISE.copy()
    data[:5] = np.nan
    data[5] = np.inf
    (note,) = check_volume(Volume((data,), name="tomo"))
    assert "30 %" in note
    assert "tomo" in note
    data = NOISE.copy()
    data[0, 0, 0] = np.nan
    assert "0.01 %" in check_volume(Volume((data,)))[0]


def test_a_blank_channel_beside_a_good_one_is_told() -> None:
    (note,) = check_volume(Volume((NOISE, np.zeros_like(NOISE)), name="cell"))
    assert "Channel 1 of cell" in note


def test_a_large_volume_is_not_read_whole() -> None:
    data = Counting(np.broadcast_to(NOISE[:1, :1, :], (400, 400, 40)))
    check_volume(Volume((data,)))
    assert 0 < data.read <= 64 * 16**3
