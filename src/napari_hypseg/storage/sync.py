"""Flushing files and folders to disk."""

import errno
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_REFUSED = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})
"""What file systems say that cannot sync at all (some network and FUSE mounts): the rename has to do there."""
_FOLDER_REFUSED = _REFUSED | {errno.EACCES, errno.EPERM, errno.EBADF, errno.EISDIR}
_THREADS = 8
"""Disks put syncs that arrive together into one write of their journal."""


def sync(path: Path) -> None:
    """Force a file, or a folder and all that is in it, to disk; links are not followed.

    Raises
    ------
    OSError
        If the disk is full or fails.
    """
    if path.is_symlink():
        return
    if not path.is_dir():
        sync_file(path)
        return
    folders, files = [path], list[Path]()
    for entry in _entries(path):
        (folders if entry.is_dir(follow_symlinks=False) else files).append(Path(entry.path))
    if len(files) < _THREADS:
        for file in files:
            sync_file(file)
    else:
        with ThreadPoolExecutor(_THREADS) as pool:
            list(pool.map(sync_file, files))
    for folder in reversed(folders):
        sync_folder(folder)


def sync_file(path: Path) -> None:
    """Force the content of one file to disk.

    Raises
    ------
    OSError
        If the disk is full or fails.
    """
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _REFUSED:
            raise
    finally:
        os.close(handle)


def sync_folder(path: Path) -> None:
    """Force the names in a folder to disk, where the system can (Windows cannot, nor do some network mounts).

    Raises
    ------
    OSError
        If the disk is full or fails.
    """
    if os.name == "nt":
        return
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError as error:
        if error.errno in _FOLDER_REFUSED:
            return
        raise
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _FOLDER_REFUSED:
            raise
    finally:
        os.close(handle)


def _entries(folder: Path) -> Iterator["os.DirEntry[str]"]:
    """Files and folders below `folder`, each folder before what is in it; no links."""
    with os.scandir(folder) as found:
        for entry in found:
            if entry.is_symlink():
                continue
            yield entry
            if entry.is_dir(follow_symlinks=False):
                yield from _entries(Path(entry.path))
