"""Exchange the names of two files or folders in one atomic step, where the operating system supports it."""

import ctypes
import errno
import os
import sys
from pathlib import Path

_CANNOT = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP})
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
"""Flag of Linux: exchange two names."""
_RENAME_SWAP = 2
"""Flag of macOS: the same."""


def atomic_exchange(one: Path, other: Path) -> bool:
    """Exchange two files or folders in one step; False, with nothing done, where that is not supported.

    Raises
    ------
    OSError
        If it could, but one of them is missing or may not be renamed.
    """
    if os.name != "posix":
        return False
    library = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(one), os.fsencode(other)
    if sys.platform == "linux" and hasattr(library, "renameat2"):
        failed = library.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE)
    elif sys.platform == "darwin" and hasattr(library, "renamex_np"):
        failed = library.renamex_np(*names, _RENAME_SWAP)
    else:
        return False
    if not failed:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT:
        return False
    raise OSError(number, os.strerror(number), str(one), None, str(other))
