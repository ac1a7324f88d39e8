"""NumPy files in every memory order."""

from pathlib import Path

import numpy as np
import pytest

from napari_hypseg.io import open_volume
from napari_hypseg.io.file_array import FileArray


@pytest.mark.parametrize("dtype", [">i2", "<f8", "bool", "<u4", "<f2"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays(dtype: str, order: str, distinct: np.ndarray, tmp_path: Path) -> None:
    data = np.asarray(distinct.astype(dtype), order=order)
    np.save(tmp_path / "a.npy", data)
    channel = open_volume(tmp_path / "a.npy").channels[0]
    assert isinstance(channel, FileArray)
    np.testing.assert_array_equal(np.asarray(channel), data)
    np.testing.assert_array_equal(channel[1:3, 2, ::2], data[1:3, 2, ::2])
    assert channel.dtype == (np.uint8 if dtype == "bool" else np.dtype(dtype).newbyteorder("="))


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_archives_of_one_array(save: object, distinct: np.ndarray, tmp_path: Path) -> None:
    save(tmp_path / "a.npz", distinct)
    volume = open_volume(tmp_path / "a.npz")
    np.testing.assert_array_equal(np.asarray(volume.channels[0]), distinct)
    assert volume.name == "a"
