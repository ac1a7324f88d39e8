"""Region names in the ten lines of 80 characters that an MRC header has for text."""

from collections.abc import Mapping
from typing import Any

from napari_hypseg.io.record import label_metadata

LINES = 10
LINE_BYTES = 80
MARK = "regions "
SEPARATOR = "; "


def write_names(header: Any, names: Mapping[int, str]) -> None:
    """Put as many ``id=name`` pairs into the header's text as fit, in the order of the ids."""
    lines = pack(names)
    for number, line in enumerate(lines):
        header.label[number] = line.encode()
    header.nlabl = len(lines)


def pack(names: Mapping[int, str]) -> list[str]:
    """Lines of at most 80 bytes; at least one, which marks the map as labels even without names."""
    lines = [MARK]
    for region, name in sorted(names.items()):
        entry = f"{region}={name.replace(';', ',').strip()}"
        joined = lines[-1] + (SEPARATOR if lines[-1] != MARK else "") + entry
        if len(joined.encode()) <= LINE_BYTES:
            lines[-1] = joined
        elif len(lines) < LINES and len((MARK + entry).encode()) <= LINE_BYTES:
            lines.append(MARK + entry)
    return lines


def read_names(header: Any) -> Mapping[str, Any]:
    """Volume metadata from the header's text, empty if this project did not write it."""
    texts = [bytes(line).decode(errors="replace").rstrip("\0 ") for line in header.label[: int(header.nlabl)]]
    ours = [text.removeprefix(MARK.strip()) for text in texts if text.startswith(MARK.strip())]
    if not ours:
        return {}
    pairs = (entry.split("=", 1) for text in ours for entry in text.split(SEPARATOR) if "=" in entry)
    return label_metadata({int(region): name for region, name in pairs if region.strip().isdigit()}, {})
