"""Temporary files that hold what a compressed file unpacks to, for as long as an array over them lives.

Unpacking to disk and mapping the result keeps memory small; holding a decompressed tomogram in memory would not.
"""

import bz2
import errno
import gzip
import os
import shutil
import tempfile
import weakref
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from napari_hypseg.errors import InputError, OutputError

_COPY_BYTES = 2**22
_Opener: TypeAlias = Callable[[Path], gzip.GzipFile | bz2.BZ2File]
_OPENERS: tuple[tuple[bytes, _Opener], ...] = ((b"\x1f\x8b", gzip.GzipFile), (b"BZh", bz2.BZ2File))


class Scratch:
    """A temporary file that is deleted with this object, at the latest when Python ends."""

    def __init__(self, suffix: str) -> None:
        handle, name = tempfile.mkstemp(prefix="hypseg-", suffix=suffix)
        os.close(handle)
        self.path = Path(name)
        self._finalizer = weakref.finalize(self, self.path.unlink, missing_ok=True)

    def discard(self) -> None:
        """Delete the file now."""
        self._finalizer()


@contextmanager
def filling(source: Path, suffix: str) -> Iterator[Scratch]:
    """Give a scratch file to be filled from `source`; it is deleted at once if that fails.

    Raises
    ------
    OutputError
        If the temporary folder has no room.
    """
    scratch = Scratch(suffix)
    try:
        yield scratch
    except BaseException as error:
        scratch.discard()
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise OutputError(
                f"There is no room in {scratch.path.parent} to unpack {source}; free some space there or let the "
                "environment variable TMPDIR name another folder."
            ) from error
        raise


def unpacked(path: Path, suffix: str) -> tuple[Path, Scratch | None]:
    """A plain file with the content of `path`, and the owner of that file if it is a temporary one.

    What counts is how the file begins and not how it is called. `suffix` is the ending a temporary file gets.

    Raises
    ------
    InputError
        If a gzip or bzip2 file is cut short or damaged.
    OutputError
        If there is no room to unpack it.
    """
    opener = _opener(path)
    if opener is None:
        return path, None
    try:
        with filling(path, suffix) as scratch, opener(path) as packed, scratch.path.open("wb") as plain:
            shutil.copyfileobj(packed, plain, _COPY_BYTES)
    except (EOFError, zlib.error, gzip.BadGzipFile, ValueError) as error:
        raise damaged(path, error) from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise damaged(path, error) from error  # bz2 reports a damaged stream as an OSError without a number
    return scratch.path, scratch


def damaged(path: Path, error: Exception) -> InputError:
    """The sentence for a compressed file that does not unpack."""
    state = "is cut short" if isinstance(error, EOFError) else "is damaged"
    return InputError(f"The compressed file {path} {state} and cannot be unpacked; copy or download it again.")


def _opener(path: Path) -> _Opener | None:
    with path.open("rb") as file:
        start = file.read(212)
    if start[208:211] == b"MAP":  # a plain MRC map whose first number happens to look like a compressor's mark
        return None
    return next((opener for mark, opener in _OPENERS if start.startswith(mark)), None)
