"""Temporary files for decompressed data, which exist as long as an array that maps them.

Decompressing to disk and mapping the result keeps memory small; holding a decompressed tomogram in memory would not.
The decompressed size is limited by what the header of the file declares, which is read first: a few megabytes can
decompress to terabytes.
"""

import bz2
import errno
import gzip
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeAlias

from napari_hypseg.errors import InputError, OutputError
from napari_hypseg.storage.staging import Staging, recover

HEAD_BYTES = 4096
"""Bytes of a file that are decompressed first, for the format to read the header from."""
MARGIN = 2**24
"""Bytes by which the decompressed size may exceed what the header declares: padding, or notes of some program."""
_COPY_BYTES = 2**22
_DEFLATE_RATIO = 1032
_Packed: TypeAlias = gzip.GzipFile | bz2.BZ2File
_OPENERS: tuple[tuple[bytes, Callable[[Path], _Packed]], ...] = ((b"\x1f\x8b", gzip.GzipFile), (b"BZh", bz2.BZ2File))


class Scratch:
    """A temporary file that is deleted with this object, at the latest when Python ends or when it next starts."""

    def __init__(self, suffix: str) -> None:
        remove_abandoned()
        self._staging = Staging(_folder(), f"decompressed{suffix}")
        self.path = self._staging.fresh

    def discard(self) -> None:
        """Delete the file now."""
        self._staging.discard()


def remove_abandoned() -> None:
    """Delete what processes that were killed have left in the temporary folder."""
    recover(_folder())


@contextmanager
def scratch_file(source: Path, suffix: str, size: int = 0) -> Iterator[Scratch]:
    """Give a scratch file for the `size` decompressed bytes of `source`; it is deleted if writing it fails.

    Raises
    ------
    OutputError
        If the temporary folder has no room or cannot be written to.
    """
    try:
        scratch = Scratch(suffix)
    except OSError as error:
        raise OutputError(
            f"{source} cannot be unpacked to {_folder()} ({error.strerror}); let the environment variable TMPDIR name "
            "a folder you may write to."
        ) from error
    try:
        if size > shutil.disk_usage(_folder()).free:
            raise OSError(errno.ENOSPC, "")
        yield scratch
    except BaseException as error:
        scratch.discard()
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise OutputError(
                f"There is no room in {_folder()} to unpack {source}; free some space there or let the "
                "environment variable TMPDIR name another folder."
            ) from error
        raise


def decompressed(path: Path, suffix: str, declared_size: Callable[[bytes], int]) -> tuple[Path, Scratch | None]:
    """A file with the decompressed content of `path`, and its `Scratch` if it is a temporary file.

    Compression is recognised by the first bytes of the file, not by its name.

    Parameters
    ----------
    path
        The file.
    suffix
        The ending a temporary file gets.
    declared_size
        Gives the size of the decompressed file in bytes from its first `HEAD_BYTES` bytes, or raises.

    Raises
    ------
    InputError
        If a gzip or bzip2 file is cut short, damaged, or larger than its header declares.
    OutputError
        If there is no room to decompress it.
    """
    opener = _opener(path)
    if opener is None:
        return path, None
    try:
        with opener(path) as packed:
            head = packed.read(HEAD_BYTES)
            size = declared_size(head)
            if isinstance(packed, gzip.GzipFile) and size > path.stat().st_size * _DEFLATE_RATIO:
                raise EOFError
            with scratch_file(path, suffix, size) as scratch, scratch.path.open("wb") as plain:
                plain.write(head)
                copy_at_most(packed, plain, size + MARGIN - len(head), path)
    except (EOFError, zlib.error, ValueError) as error:
        raise _damaged(path, error) from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise _damaged(path, error) from error  # bzip2 and gzip report damage as an OSError without a number
    return scratch.path, scratch


def copy_at_most(packed: IO[bytes] | _Packed, plain: IO[bytes], limit: int, source: Path) -> None:
    """Copy all that `packed` holds.

    Raises
    ------
    InputError
        If that is more than `limit` bytes.
    """
    while piece := packed.read(max(1, min(_COPY_BYTES, limit + 1))):
        limit -= len(piece)
        if limit < 0:
            raise InputError(
                f"{source} unpacks to far more than its header promises, as no program writes it; get it again from "
                "where it comes from."
            )
        plain.write(piece)


def _damaged(path: Path, error: Exception) -> InputError:
    state = "is cut short" if isinstance(error, EOFError) else "is damaged"
    return InputError(f"The compressed file {path} {state} and cannot be unpacked; copy or download it again.")


def _folder() -> Path:
    return Path(tempfile.gettempdir())


def _opener(path: Path) -> Callable[[Path], _Packed] | None:
    with path.open("rb") as file:
        start = file.read(212)
    if start[208:211] == b"MAP":  # a plain MRC map whose first number happens to equal the magic number of a compressor
        return None
    return next((opener for mark, opener in _OPENERS if start.startswith(mark)), None)
