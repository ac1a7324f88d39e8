"""SHA-256 checksums of files, and checksums stored inside the file that they cover.

A file with its own checksum holds ``"seal": "…"`` once: 64 hexadecimal digits of SHA-256 over the whole file, computed
with those digits set to zero. File and checksum can therefore never belong to different states.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from napari_hypseg.storage.json_text import JsonError, parse_json

KEY = "seal"
BLANK = "0" * 64
_FIELD = re.compile(rb'(?<!\\)"seal"\s*:\s*"([0-9a-f]{64})"')
_COPY_BYTES = 2**22


def with_checksum(content: bytes) -> bytes:
    """`content`, in which the value of the key is `BLANK`, with its checksum in place of `BLANK`."""
    found = _FIELD.search(content)
    if found is None:
        raise ValueError("The content has no field for a checksum.")
    start, stop = found.span(1)
    return content[:start] + hashlib.sha256(content).hexdigest().encode() + content[stop:]


def checksum_matches(content: bytes) -> bool | None:
    """Whether `content` matches the checksum that it holds; None if it holds none."""
    found = _FIELD.search(content)
    if found is None:
        return None
    start, stop = found.span(1)
    blank = content[:start] + BLANK.encode() + content[stop:]
    return hashlib.sha256(blank).hexdigest().encode() == found[1]


def checksummed_json(record: Mapping[str, Any]) -> bytes:
    """A record as JSON that holds its own checksum."""
    return with_checksum(json.dumps({KEY: BLANK, **record}, indent=1).encode())


def read_checksummed(path: Path, required: bool) -> dict[str, Any]:
    """Read a JSON record and verify its checksum.

    Records of earlier versions hold no checksum; `required` is False for them.

    Raises
    ------
    ValueError
        If it is damaged.
    OSError
        If it cannot be read.
    """
    content = path.read_bytes()
    record, holds = parse_json(content), checksum_matches(content)
    if not isinstance(record, dict):
        raise JsonError("it is no JSON object")
    if holds is False or (required and holds is None):
        raise ValueError("its content is not what was written")
    return record


def file_sha256(path: Path) -> str:
    """SHA-256 of a file.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(_COPY_BYTES):
            digest.update(piece)
    return digest.hexdigest()
