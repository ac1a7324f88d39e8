"""Locks on files that the operating system drops when their process dies, with the owner's name for everybody to read.

Own code because what is needed is less than a library gives, and one thing more: the owner stays readable while the
lock is held (also on Windows, where a locked byte cannot be read), and several readers can hold one lock together.
"""

import errno
import json
import os
import socket
import weakref
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from napari_hypseg.storage.json_text import read_json

_HELD = frozenset({errno.EACCES, errno.EAGAIN, errno.EDEADLK})
_UNSUPPORTED = frozenset({errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL})
_FAR_BYTE = 2**30
"""Where Windows locks: beyond the text, which stays readable."""


@dataclass(frozen=True)
class Owner:
    """Who holds a lock: process, computer and what it is doing."""

    pid: int
    host: str
    what: str

    @property
    def is_this_process(self) -> bool:
        """Whether it is the process that asks."""
        return (self.pid, self.host) == (os.getpid(), socket.gethostname())

    def __str__(self) -> str:
        return f"{self.what} (pid {self.pid} on {self.host})"


class FileLock:
    """A lock that was got; see `acquire` and `share`.

    Attributes
    ----------
    path
        The file that is locked.
    supported
        False where the file system has no locks; other processes are not excluded then.
    """

    def __init__(self, path: Path, handle: int, supported: bool, created: bool) -> None:
        self.path = path
        self.supported = supported
        self._finalizer = weakref.finalize(self, _release, handle, path, created, os.getpid())

    @classmethod
    def acquire(cls, path: Path, what: str, create: bool = True) -> "FileLock | None":
        """Lock `path` for this process alone, without waiting; None if another holder keeps it.

        The file is made if it is missing and removed with the lock; without `create` it is left as it is.

        Raises
        ------
        OSError
            If the file cannot be made or opened.
        """
        while True:
            handle = _open(path, create)
            try:
                state = _try_lock(handle)
            except OSError:
                os.close(handle)
                raise
            if state is False:
                os.close(handle)
                return None
            if _is_still(handle, path):
                break
            os.close(handle)  # its last holder removed it in between
        if create:
            _write_owner(handle, what)
        return cls(path, handle, state is True, create)

    @classmethod
    def share(cls, path: Path) -> "FileLock | None":
        """Lock a file that is there together with other readers; None if it is locked exclusively.

        Raises
        ------
        OSError
            If the file cannot be opened.
        """
        handle = os.open(path, os.O_RDONLY)
        state = _try_lock(handle, shared=True)
        if state is False:
            os.close(handle)
            return None
        return cls(path, handle, state is True, False)

    @property
    def held(self) -> bool:
        """Whether it was not released yet."""
        return self._finalizer.alive

    def release(self) -> None:
        """Let others have it; doing so twice does no harm."""
        self._finalizer()


def owner_of(path: Path) -> Owner | None:
    """Who wrote its name into a lock file, None if there is none or it cannot be read."""
    try:
        return Owner(**read_json(path))
    except (OSError, ValueError, TypeError):
        return None


def _open(path: Path, create: bool) -> int:
    flags = os.O_RDWR | (os.O_CREAT if create else 0)
    try:
        return os.open(path, flags, 0o666)
    except PermissionError:
        if not path.exists():
            raise
        return os.open(path, os.O_RDONLY)  # another person's, left behind in a folder that both may write to


def _write_owner(handle: int, what: str) -> None:
    text = json.dumps(asdict(Owner(os.getpid(), socket.gethostname(), what)))
    with suppress(OSError):  # a full disk, or a file of another person: the lock holds without a name
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, text.encode())


def _is_still(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _release(handle: int, path: Path, created: bool, pid: int) -> None:
    if os.getpid() != pid:  # a forked child must not remove what its parent holds
        return
    if os.name == "nt":
        os.close(handle)
    if created:
        with suppress(OSError):
            path.unlink()
    if os.name != "nt":
        os.close(handle)


def _try_lock(handle: int, shared: bool = False) -> bool | None:
    """True if locked, False if another process holds the lock, None where there are no locks."""
    try:
        _lock(handle, shared)
    except OSError as error:
        if error.errno in _HELD:
            return False
        if error.errno in _UNSUPPORTED:
            return None
        raise
    return True


if os.name == "nt":
    import msvcrt

    def _lock(handle: int, shared: bool) -> None:
        """An open file cannot be removed on Windows: that is all that readers need."""
        if not shared:
            os.lseek(handle, _FAR_BYTE, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
            os.lseek(handle, 0, os.SEEK_SET)

else:
    import fcntl

    def _lock(handle: int, shared: bool) -> None:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
