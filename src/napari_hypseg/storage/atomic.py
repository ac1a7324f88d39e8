"""Files and folders that appear whole or not at all: the one way in which anything gets its final name.

The new content grows in a hidden folder beside its place and moves there when it is complete and on disk, so that a
killed process, a full disk or a cancelled job leaves nothing half-written under the final name.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from napari_hypseg.errors import OutputError
from napari_hypseg.storage.staging import Staging, recover
from napari_hypseg.storage.sync import sync, sync_folder

__all__ = ["make_folders", "replacing", "sync", "unwritable", "write_bytes"]

_REASONS = {
    errno.ENOSPC: "the disk is full; free some space or choose another folder",
    errno.EDQUOT: "your disk quota is used up; free some space or choose another folder",
    errno.EACCES: "you may not write there; choose another folder",
    errno.EPERM: "you may not write there; choose another folder",
    errno.EROFS: "that disk is read-only; choose another folder",
    errno.ENOTDIR: "a part of its path is a file; choose another folder",
    errno.EEXIST: "a part of its path is a file; choose another folder",
    errno.EISDIR: "there is a folder of that name; choose another name",
    errno.ENAMETOOLONG: "its name is too long; choose a shorter one",
    errno.EIO: "the disk reports a fault; save to another one",
}


@contextmanager
def replacing(path: Path, called: object = None) -> Iterator[Path]:
    """Give a temporary path to write to; on success it becomes `path`, on failure nothing stays.

    Missing parent folders are made, and what killed processes have left in the folder is removed. What the temporary
    path gets may be a file or a folder; a folder takes the place of an older one in one step.

    Parameters
    ----------
    path
        Where it will be.
    called
        What an error calls it, by default its path.

    Raises
    ------
    OutputError
        If it cannot be written, with the reason.
    """
    try:
        make_folders(path.parent)
        recover(path.parent)
        staging = Staging(path.parent, path.name)
        try:
            yield staging.fresh
            staging.commit()
        finally:
            staging.discard()
    except OSError as error:
        raise unwritable(called or path, error) from error


def write_bytes(path: Path, content: bytes, called: object = None) -> None:
    """Write a small file whole, in place of an older one; see `replacing`.

    Raises
    ------
    OutputError
        If it cannot be written, with the reason.
    """
    with replacing(path, called) as fresh:
        fresh.write_bytes(content)


def make_folders(path: Path) -> None:
    """Make a folder and those above it that are missing, so that their names survive a power cut, too.

    Raises
    ------
    OSError
        If that cannot be done.
    """
    if path.is_dir():
        return
    make_folders(path.parent)
    path.mkdir(exist_ok=True)
    sync_folder(path.parent)


def unwritable(what: object, error: OSError) -> OutputError:
    """The sentence for something that cannot be written: a path, or what a person calls it."""
    reason = _REASONS.get(error.errno or 0, f"{error.strerror or error}; choose another place")
    return OutputError(f"{what} cannot be written: {reason}.")
