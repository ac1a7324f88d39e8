"""Writing a NumPy file slab by slab with ordinary writes.

A sparse memory map kills the process when the disk is full; a write says so.
"""

import errno
import hashlib
import os
import shutil
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np

_SLAB_BYTES = 2**24
_CANNOT_RESERVE = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENODEV})


class _Array(Protocol):
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def dtype(self) -> Any: ...
    def __getitem__(self, index: Any, /) -> Any: ...


def write_npy(path: Path, array: _Array) -> str:
    """Write an array (z, y, x), bool as uint8, and give the file's SHA-256; the space is reserved first.

    Raises
    ------
    OSError
        If the disk is full or fails.
    """
    shape = tuple(map(int, array.shape))
    dtype = np.dtype(np.uint8) if np.dtype(array.dtype).kind == "b" else np.dtype(array.dtype)
    plane = int(np.prod(shape[1:], dtype=np.int64)) * dtype.itemsize
    step = max(1, _SLAB_BYTES // max(1, plane))
    with path.open("w+b") as file:
        header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        file.seek(0)
        digest = hashlib.sha256(file.read())
        reserve(file, file.tell() + shape[0] * plane)
        for z in range(0, shape[0], step):
            slab = np.ascontiguousarray(array[z : z + step], dtype=dtype).tobytes()
            digest.update(slab)
            file.write(slab)
    return digest.hexdigest()


def reserve(file: IO[bytes], size: int) -> None:
    """Make sure that the disk has room for `size` bytes of an open file.

    Raises
    ------
    OSError
        If it has not.
    """
    if size > shutil.disk_usage(file.name).free:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), file.name)
    if size and hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(file.fileno(), 0, size)
        except OSError as error:
            if error.errno not in _CANNOT_RESERVE:
                raise
