"""Files that appear whole or not at all.

The new file grows in a hidden folder beside its place and moves there when it is complete and on disk, so that a
killed process, a full disk or a cancelled job leaves nothing half-written under the final name.
"""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from napari_hypseg.errors import OutputError

_REASONS = {
    errno.ENOSPC: "the disk is full; free some space or choose another folder",
    errno.EDQUOT: "your disk quota is used up; free some space or choose another folder",
    errno.EACCES: "you may not write there; choose another folder",
    errno.EPERM: "you may not write there; choose another folder",
    errno.EROFS: "that disk is read-only; choose another folder",
    errno.ENOTDIR: "a part of its path is a file; choose another folder",
    errno.EEXIST: "a part of its path is a file; choose another folder",
    errno.EISDIR: "there is a folder of that name; choose another name",
}


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path to write to; on success it becomes `path`, on failure nothing stays.

    Missing parent folders are made. What the temporary path gets may be a file or a folder.

    Raises
    ------
    OutputError
        If it cannot be written, with the reason.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent))
        try:
            fresh = folder / path.name
            yield fresh
            sync(fresh)
            if path.is_dir() and fresh.is_dir():
                path.rename(folder / "replaced")
            fresh.replace(path)
            _sync(path.parent)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, f"{error.strerror or error}; choose another place")
        raise OutputError(f"{path} cannot be written: {reason}.") from error


def sync(path: Path) -> None:
    """Force a file, or a folder and all that is in it, to disk."""
    if path.is_dir():
        for part in sorted(path.rglob("*"), reverse=True):
            _sync(part)
    _sync(path)


def _sync(path: Path) -> None:
    """Force a file or folder to disk; where folders cannot be synced (Windows) the rename alone has to do."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
