"""The chain of pages of a TIFF, followed once before anybody else does: it may lead back into itself for ever."""

import struct
from pathlib import Path
from typing import Any

from napari_hypseg.errors import InputError


def check_pages(path: Path, file: Any) -> None:
    """Make sure that the pages of an open TIFF come to an end.

    A chain that breaks off in a damaged place has come to an end; what is there is for others to judge.

    Raises
    ------
    InputError
        If a page is followed by an earlier one.
    """
    handle, tiff = file.filehandle, file.tiff
    seen: set[int] = set()
    handle.seek(8 if tiff.is_bigtiff else 4)
    while offset := _number(handle.read(tiff.offsetsize), tiff.offsetformat):
        if offset in seen:
            raise InputError(f"The pages of {path} lead round in a circle; copy or export it again.")
        seen.add(offset)
        if offset >= handle.size:
            return
        handle.seek(offset)
        tags = _number(handle.read(tiff.tagnosize), tiff.tagnoformat)
        handle.seek(offset + tiff.tagnosize + tags * tiff.tagsize)


def _number(raw: bytes, kind: str) -> int:
    """0 where a file breaks off."""
    return int(struct.unpack(kind, raw)[0]) if len(raw) == struct.calcsize(kind) else 0
