"""A hidden folder beside the place of a file or folder, in which its new content grows until it is complete.

A staging folder belongs to the process that made it: a lock inside is held as long as that process runs. What a
killed process left behind is removed by `recover`; an exchange that it had begun is completed.
"""

import errno
import os
import shutil
import tempfile
import time
import weakref
from contextlib import suppress
from pathlib import Path

from napari_hypseg.storage.atomic_exchange import atomic_exchange
from napari_hypseg.storage.lock import FileLock
from napari_hypseg.storage.sync import sync, sync_folder

PREFIX, SUFFIX = ".hypseg-", ".part"
OWNER = ".hypseg-owner"
REPLACED = ".hypseg-replaced"
_TRIES = (0.0, 0.0, 0.05, 0.2, 0.5)
"""Seconds before each look at whether a folder is empty."""
_PATIENCE = 1.0
"""Seconds for which a file may be open in another program on Windows, where it cannot be replaced meanwhile."""


class Staging:
    """Room for what will be called `name` in `folder`.

    Parameters
    ----------
    folder
        Where it will be; it has to exist.
    name
        What it will be called, unless `commit` says otherwise.

    Attributes
    ----------
    fresh
        Where to write it, as a file or as a folder.

    Raises
    ------
    OSError
        If the folder cannot be written to.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._lock = _claimed(folder)
        self.fresh = self._folder / name
        self._finalizer = weakref.finalize(self, _discard, self._folder, self._lock, os.getpid())

    def commit(self, path: Path | None = None, over: bool = True) -> Path:
        """Force what was written to disk and give it its name, by default the one planned; gives the path.

        Parameters
        ----------
        path
            Another name in the same folder.
        over
            Whether it may take the place of what has that name; an empty folder never counts.

        Raises
        ------
        FileExistsError
            If the name is taken and `over` is False.
        OSError
            If it cannot be done; what was there is there then.
        """
        path = path or self._folder.parent / self.fresh.name
        sync(self.fresh)
        self._move(path, over)
        sync_folder(path.parent)
        self.discard()
        return path

    def discard(self) -> None:
        """Remove the folder and what is left in it; doing so twice does no harm."""
        self._finalizer()

    def _move(self, path: Path, over: bool) -> None:
        if self.fresh.name != path.name:
            self.fresh = self.fresh.rename(self._folder / path.name)
        folders = path.is_dir() and self.fresh.is_dir()
        if folders and not path.is_symlink() and not any(path.iterdir()):
            path.rmdir()
        elif not over and os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        elif folders:
            self._exchange(path)
            return
        _replace(self.fresh, path)

    def _exchange(self, path: Path) -> None:
        """Put a folder in the place of another one; the old is never without a name by which `recover` finds it."""
        if atomic_exchange(self.fresh, path):
            return
        aside = self._folder / REPLACED
        path.rename(aside)
        try:
            self.fresh.rename(path)
        except BaseException:
            try:
                aside.rename(path)
            except OSError:  # the disk has gone: both are left for `recover`
                self._finalizer.detach()
                self._lock.release()
            raise


def is_staging(name: str) -> bool:
    """Whether a folder of that name is a staging folder."""
    return name.startswith(PREFIX) and name.endswith(SUFFIX)


def recover(folder: Path) -> None:
    """Remove the staging folders in `folder` whose processes are gone, after completing an exchange that was begun."""
    with suppress(OSError), os.scandir(folder) as entries:
        left = [Path(entry.path) for entry in entries if _is_staging_folder(entry)]
        for staging in left:
            with suppress(OSError):
                _recover(staging)


def _is_staging_folder(entry: "os.DirEntry[str]") -> bool:
    return is_staging(entry.name) and entry.is_dir(follow_symlinks=False)


def _recover(staging: Path) -> None:
    lock = FileLock.acquire(staging / OWNER, "tidying up")
    if lock is None:
        return
    if not lock.supported:  # whether its process runs is unknown
        lock.release()
        return
    if os.path.lexists(staging / REPLACED):
        for complete in staging.iterdir():
            target = staging.parent / complete.name
            if complete.name not in (OWNER, REPLACED) and not os.path.lexists(target):
                complete.rename(target)
                sync_folder(target.parent)
    _discard(staging, lock, os.getpid())


def _claimed(folder: Path) -> tuple[Path, FileLock]:
    """A new staging folder and the lock by which it is ours."""
    while True:
        staging = Path(tempfile.mkdtemp(prefix=PREFIX, suffix=SUFFIX, dir=folder))
        try:
            lock = FileLock.acquire(staging / OWNER, "writing")
        except FileNotFoundError:
            continue  # tidied away by another process before it was claimed
        except OSError:
            shutil.rmtree(staging, ignore_errors=True)
            raise
        if lock is not None:
            return staging, lock


def _discard(staging: Path, lock: FileLock, pid: int) -> None:
    """Empty the folder, give up the claim, remove it; a kill at any step leaves something that `recover` removes."""
    if os.getpid() != pid:  # a forked child must not remove what its parent is writing
        return
    for pause in _TRIES:  # threads of the zarr library may still be writing after one of them has met a full disk
        time.sleep(pause)
        with suppress(OSError):
            left = [entry for entry in staging.iterdir() if entry.name != OWNER]
            for entry in left:
                _remove(entry)
            if not left:
                break
    lock.release()
    shutil.rmtree(staging, ignore_errors=True)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _replace(fresh: Path, path: Path) -> None:
    """Rename over `path`; on Windows patiently, since a file that is being read cannot be replaced there."""
    until = time.monotonic() + (_PATIENCE if os.name == "nt" else 0)
    while True:
        try:
            fresh.replace(path)
            return
        except PermissionError:
            if time.monotonic() >= until:
                raise
            time.sleep(0.02)
