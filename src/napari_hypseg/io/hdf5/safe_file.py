"""A file for libhdf5 to write to that never refuses a byte: the library ends its process where a disk is full.

The first error is kept and raised when the file is closed, after libhdf5 has let go of it.
"""

import os
from pathlib import Path
from types import TracebackType
from typing import Any


class SafeFile:
    """A new file with the methods that h5py asks of a Python file, open for reading and writing.

    Parameters
    ----------
    path
        The file; it must not exist yet.

    Raises
    ------
    OSError
        If it cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("x+b", buffering=0)
        self._error: OSError | None = None

    def __enter__(self) -> "SafeFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if self._error is not None:
            raise self._error

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a byte."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """The byte that comes next."""
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        """Bytes that were written; h5py knows a Python file by this method."""
        return self._file.read(size) or b""

    def readinto(self, buffer: Any) -> int:
        """Read what was written; zeros where a write has failed."""
        view = memoryview(buffer).cast("B")
        count = self._file.readinto(view) or 0
        view[count:] = bytes(len(view) - count)
        return len(view)

    def write(self, data: Any) -> int:
        """Write all of `data`, or note why that cannot be done."""
        rest = memoryview(data).cast("B")
        size = len(rest)
        try:
            while len(rest) and self._error is None:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            self._error = error
        return size

    def truncate(self, size: int) -> int:
        """Set the length of the file."""
        try:
            self._file.truncate(size)
        except OSError as error:
            self._error = self._error or error
        return size

    def flush(self) -> None:
        """Nothing is held back."""
