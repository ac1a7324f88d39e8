"""Region names, and what no other field can say, in the ten lines of 80 characters that an MRC header has for text."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from napari_hypseg.io.label_metadata import label_metadata

LINES = 10
LINE_BYTES = 80
MARK = "hypseg regions "
OURS = re.compile(r"(?:hypseg )?regions(?: (?P<names>\d+=[^;]*(?:; \d+=[^;]*)*))?", re.DOTALL)
"""A whole line as this project writes it, or wrote it once without its own name in front. Text of other programs may
begin with any word, so the whole line is compared.
"""
PIXEL_MARK = "voxel size in pixels"
"""A line for volumes of unknown scale whose voxels are longer along one axis than along another."""
SEPARATOR = "; "


def write_lines(header: Any, lines: Sequence[str]) -> None:
    """Let as many of `lines` as fit be the header's text; none leaves what is there."""
    for number, line in enumerate(lines[:LINES]):
        header.label[number] = line.encode()
        header.nlabl = number + 1


def read_lines(header: Any) -> list[str]:
    """The header's text."""
    return [bytes(line).decode(errors="replace").rstrip("\0 ") for line in header.label[: int(header.nlabl)]]


def pack_names(names: Mapping[int, str]) -> list[str]:
    """``id=name`` pairs in the order of the ids, as many as fit, in lines of at most 80 bytes.

    There is at least one line, which marks the map as labels even without names.
    """
    lines = [MARK]
    for region, name in sorted(names.items()):
        entry = f"{region}={name.replace(';', ',').strip()}"
        joined = lines[-1] + (SEPARATOR if lines[-1] != MARK else "") + entry
        if len(joined.encode()) <= LINE_BYTES:
            lines[-1] = joined
        elif len(lines) < LINES and len((MARK + entry).encode()) <= LINE_BYTES:
            lines.append(MARK + entry)
    return lines


def read_label_metadata(header: Any) -> Mapping[str, Any]:
    """Volume metadata from the header's text, empty if this project did not write it."""
    ours = [match for match in map(OURS.fullmatch, read_lines(header)) if match]
    if not ours:
        return {}
    pairs = (entry.split("=", 1) for line in ours for entry in (line["names"] or "").split(SEPARATOR) if entry)
    return label_metadata({int(region): name for region, name in pairs}, {})
