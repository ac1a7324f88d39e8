"""Reading a checkpoint without torch: whether it is intact, and its record."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from napari_hypseg.errors import ProjectError
from napari_hypseg.storage.checksum import checksum_matches
from napari_hypseg.storage.json_text import parse_json
from napari_hypseg.storage.reading import reading

METADATA = "napari-hypseg"
"""Under what name the record lies among the file's metadata."""
UNSEALED = "hypseg"
"""The same in files of earlier versions, which hold no checksum."""
_HEADER_LIMIT = 2**24


def reading_checkpoint(path: Path) -> AbstractContextManager[None]:
    """Whatever goes wrong in reading becomes a sentence about the checkpoint."""
    return reading(path, "a checkpoint", "learn again to replace it", ProjectError)


def read_checkpoint(path: Path) -> bytes:
    """The content of a checkpoint, its checksum verified.

    Raises
    ------
    ProjectError
        If it is missing, damaged or may not be read.
    """
    with reading_checkpoint(path):
        content = path.read_bytes()
        holds = checksum_matches(content)
        if holds is False or (holds is None and UNSEALED not in _metadata(content)):
            raise ValueError("its content is not what was written")
        return content


def record_in(content: bytes) -> dict[str, Any]:
    """The record in a checkpoint.

    Raises
    ------
    ValueError
        If there is none.
    """
    metadata = _metadata(content)
    record = parse_json(metadata.get(METADATA) or metadata.get(UNSEALED) or "")
    if not isinstance(record, dict):
        raise ValueError("its record is no record")
    return record


def project_of(path: Path) -> str | None:
    """Identity of the project a checkpoint is of, from its first bytes; None if there is none or it is unknown."""
    try:
        with path.open("rb") as stream:
            length = stream.read(8)
            header = stream.read(min(int.from_bytes(length, "little"), _HEADER_LIMIT))
        return str(record_in(length + header).get("project", ""))
    except (OSError, ValueError):
        return None


def _metadata(content: bytes) -> dict[str, str]:
    """The strings in the header of a safetensors file.

    Raises
    ------
    ValueError
        If it has none.
    """
    length = int.from_bytes(content[:8], "little")
    header = parse_json(content[8 : 8 + min(length, _HEADER_LIMIT)])
    metadata = header.get("__metadata__") if isinstance(header, dict) else None
    if not isinstance(metadata, dict):
        raise ValueError("it has no record")
    return metadata
