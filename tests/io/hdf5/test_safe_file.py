"""A full disk under libhdf5 is an error like any other, not the end of the process."""

import errno
from pathlib import Path

import h5py
import numpy as np
import pytest

from napari_hypseg.io.hdf5.safe_file import SafeFile


class FullAfter(SafeFile):
    """A file on a disk that takes so many writes."""

    def __init__(self, path: Path, writes: int) -> None:
        super().__init__(path)
        whole = self._file

        class Disk:
            left = writes

            def write(self, data):
                self.left -= 1
                if self.left < 0:
                    raise OSError(errno.ENOSPC, "No space left on device")
                return whole.write(data)

            def __getattr__(self, name):
                return getattr(whole, name)

        self._file = Disk()


@pytest.mark.parametrize("writes", range(12))
def test_the_first_error_is_raised_when_the_library_has_let_go(tmp_path: Path, writes: int) -> None:
    data = np.arange(4096, dtype=np.uint16).reshape(16, 16, 16)
    opened = FullAfter(tmp_path / "a.h5", writes)
    with pytest.raises(OSError, match="No space left"):
        _write(opened, data)


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    data = np.arange(4096, dtype=np.uint16).reshape(16, 16, 16)
    _write(SafeFile(tmp_path / "a.h5"), data)
    with h5py.File(tmp_path / "a.h5") as file:
        np.testing.assert_array_equal(file["labels"][...], data)


def _write(opened: SafeFile, data: np.ndarray) -> None:
    with opened as stored, h5py.File(stored, "w") as file:
        file.create_dataset("labels", data=data, chunks=(4, 4, 4), compression="gzip")
