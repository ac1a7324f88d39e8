"""Arrays in a file that only grows: what a killed process had written is there when the file is opened again."""

import json
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self, TypeAlias

import numpy as np
import numpy.typing as npt

Columns: TypeAlias = tuple[npt.NDArray[Any], ...]

HEAD = struct.Struct("<4sIQI")
"""Of a record: `MAGIC`, bytes of the description, bytes of the numbers, and CRC-32 of both."""
MAGIC = b"rec1"


class RecordLog:
    """Records of some arrays of numbers each, in the order in which they were appended.

    Parameters
    ----------
    path
        The file; it is opened if it is there, up to the first record that is not whole. None keeps all in memory.

    Raises
    ------
    OSError
        If the file cannot be opened.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._places: list[int] = []
        self._held: list[Columns] = []
        self._end = 0
        if path is not None and path.exists():
            self._scan(path)

    def __len__(self) -> int:
        return len(self._held) if self._path is None else len(self._places)

    def __getitem__(self, number: int) -> Columns:
        """The arrays of a record.

        Raises
        ------
        OSError
            If the file cannot be read.
        """
        if self._path is None:
            return self._held[number]
        with self._path.open("rb") as file:
            file.seek(self._places[number])
            _, described, size, _ = HEAD.unpack(file.read(HEAD.size))
            return _columns(file.read(described), file.read(size))

    def append(self, *columns: npt.NDArray[Any]) -> None:
        """Add a record.

        Raises
        ------
        OSError
            If the disk is full or fails; the record is not there then.
        """
        if self._path is None:
            self._held.append(columns)
            return
        description = json.dumps([[column.dtype.str, column.shape] for column in columns]).encode()
        numbers = b"".join(np.ascontiguousarray(column).tobytes() for column in columns)
        head = HEAD.pack(MAGIC, len(description), len(numbers), zlib.crc32(numbers, zlib.crc32(description)))
        with self._path.open("r+b" if self._end else "wb") as file:
            file.truncate(self._end)  # what a killed process, or a full disk, has left of a record
            file.seek(self._end)
            file.write(head + description + numbers)
        self._places.append(self._end)
        self._end += len(head) + len(description) + len(numbers)

    def chosen(self, numbers: Iterable[int]) -> "RecordLog":
        """Some of the records, to be read only; what it holds does not grow with the whole."""
        part = RecordLog()
        part._path = self._path
        if self._path is None:
            part._held = [self._held[number] for number in numbers]
        else:
            part._places = [self._places[number] for number in numbers]
        return part

    def cleared(self) -> Self:
        """Itself, without any record."""
        self._places, self._held, self._end = [], [], 0
        return self

    def _scan(self, path: Path) -> None:
        with path.open("rb") as file:
            while len(head := file.read(HEAD.size)) == HEAD.size:
                magic, described, size, checksum = HEAD.unpack(head)
                if magic != MAGIC or file.tell() + described + size > path.stat().st_size:
                    break
                description = file.read(described)
                if zlib.crc32(file.read(size), zlib.crc32(description)) != checksum:
                    break
                self._places.append(self._end)
                self._end = file.tell()


def _columns(description: bytes, numbers: bytes) -> Columns:
    columns, start = [], 0
    for dtype, shape in json.loads(description):
        count = int(np.prod(shape, dtype=np.int64))
        column = np.frombuffer(numbers, np.dtype(dtype), count, start).reshape(shape)
        start += column.nbytes
        columns.append(column)
    return tuple(columns)
