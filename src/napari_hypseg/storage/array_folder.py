"""A folder of arrays with a record of them: written atomically, verified when read, not removed while it is read."""

import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_hypseg.errors import ProjectError
from napari_hypseg.storage.checked_array import CheckedArray, create_array, describe
from napari_hypseg.storage.checksum import checksummed_json, read_checksummed
from napari_hypseg.storage.file_removal import remove_matching
from napari_hypseg.storage.lock import FileLock
from napari_hypseg.storage.reading import reading
from napari_hypseg.storage.staging import Staging

if TYPE_CHECKING:
    import zarr

RECORD = "record.json"


class ArrayFolderWriter:
    """Arrays that grow in a hidden folder until their record is written.

    Parameters
    ----------
    parent
        Folder in which they will be.
    name
        What their folder will be called, unless `finish` says otherwise.

    Raises
    ------
    OSError
        If the folder cannot be written to.
    """

    def __init__(self, parent: Path, name: str) -> None:
        self._staging = Staging(parent, name)
        self._staging.fresh.mkdir()
        self._names: list[str] = []

    def create(
        self, name: str, shape: Sequence[int], chunks: Sequence[int], dtype: str, fill: float = 0
    ) -> "zarr.Array[Any]":
        """A new array in the folder."""
        self._names.append(name)
        return create_array(self._staging.fresh / name, shape, chunks, dtype, fill)

    def finish(self, record: Mapping[str, Any], path: Path | None = None) -> Path:
        """Write the record and give the folder its name, in place of an older one; gives its path.

        Raises
        ------
        OSError
            If the disk is full or fails; the older one is there then.
        """
        arrays = {name: describe(self._staging.fresh / name) for name in self._names}
        (self._staging.fresh / RECORD).write_bytes(checksummed_json({**record, "arrays": arrays}))
        return self._staging.commit(path)

    def discard(self) -> None:
        """Remove what was not finished."""
        self._staging.discard()


class ArrayFolder:
    """A finished folder; `remove` leaves it as long as this object or one of its arrays is referenced.

    Parameters
    ----------
    path
        The folder.
    title
        What it holds, as in "cannot be read as segmentation".
    advice
        What to do if it is damaged: the end of a sentence.
    has_checksum
        Whether its record has to hold a checksum; those of earlier versions hold none.

    Raises
    ------
    ProjectError
        If it is missing or its record is damaged.
    """

    def __init__(self, path: Path, title: str, advice: str, has_checksum: bool) -> None:
        self.path, self._title, self._advice = path, title, advice
        with self._reading():
            self._hold = FileLock.share(path / RECORD)
            self.record = read_checksummed(path / RECORD, has_checksum)
        arrays = self.record.get("arrays")
        self._arrays: Mapping[str, Any] | None = arrays if isinstance(arrays, dict) else None

    @property
    def names(self) -> tuple[str, ...]:
        """The arrays that can be checked, by their path within the folder."""
        return tuple(self._arrays or ())

    def array(self, name: str) -> CheckedArray:
        """One of its arrays.

        Raises
        ------
        ProjectError
            If it is missing or damaged.
        """
        with self._reading():
            if self._arrays is not None and name not in self._arrays:
                raise ValueError(f"its record does not know {name}")
            description = None if self._arrays is None else self._arrays[name]
        return CheckedArray(self.path / name, description, self._advice, hold=self._hold)

    def _reading(self) -> AbstractContextManager[None]:
        return reading(self.path, self._title, self._advice, ProjectError)

    @staticmethod
    def remove(path: Path, written: re.Pattern[str]) -> None:
        """Remove a folder unless it is being read: its record, and the files whose path within it matches `written`."""
        with suppress(OSError):  # in use, or it may not be removed: there will be another time
            lock = None if path.is_symlink() else FileLock.acquire(path / RECORD, "removing", create=False)
            if lock is not None:
                remove_matching(path, lambda name: written.fullmatch(name) is not None)
                lock.release()
                remove_matching(path, lambda name: name == RECORD)
