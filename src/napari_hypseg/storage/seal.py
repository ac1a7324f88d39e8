"""A checksum inside the file that it covers, so that file and checksum can never belong to different states.

The file holds ``"seal": "…"`` once, 64 hexadecimal digits of SHA-256 over the whole file with those digits as zeros.
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
_SEAL = re.compile(rb'(?<!\\)"seal"\s*:\s*"([0-9a-f]{64})"')
_COPY_BYTES = 2**22


def sealed(content: bytes) -> bytes:
    """`content`, which holds the key with `BLANK`, with its checksum in place."""
    found = _SEAL.search(content)
    if found is None:
        raise ValueError("There is no room for a seal.")
    start, stop = found.span(1)
    return content[:start] + hashlib.sha256(content).hexdigest().encode() + content[stop:]


def seal_holds(content: bytes) -> bool | None:
    """Whether `content` is what was sealed; None if it has no seal."""
    found = _SEAL.search(content)
    if found is None:
        return None
    start, stop = found.span(1)
    blank = content[:start] + BLANK.encode() + content[stop:]
    return hashlib.sha256(blank).hexdigest().encode() == found[1]


def sealed_json(record: Mapping[str, Any]) -> bytes:
    """A record as JSON with a seal."""
    return sealed(json.dumps({KEY: BLANK, **record}, indent=1).encode())


def read_sealed(path: Path, required: bool) -> dict[str, Any]:
    """A record in JSON, its seal checked; records of earlier versions have none and `required` is False for them.

    Raises
    ------
    ValueError
        If it is damaged.
    OSError
        If it cannot be read.
    """
    content = path.read_bytes()
    record, holds = parse_json(content), seal_holds(content)
    if not isinstance(record, dict):
        raise JsonError("it is no JSON object")
    if holds is False or (required and holds is None):
        raise ValueError("its content is not what was written")
    return record


def digest_of(path: Path) -> str:
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
