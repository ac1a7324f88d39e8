"""Names of labels from a file beside the voxels: JSON, or a table of codes and names as many programs write them."""

import re
from pathlib import Path
from typing import Any

from napari_hypseg.errors import InputError
from napari_hypseg.storage.json_text import parse_json
from napari_hypseg.storage.reading import reading

TITLE = "a table of label names"
LARGEST_TABLE = 2**24
LINE = re.compile(r"^\s*(\d{1,9})[\s,;]+(.*?)\s*$")
QUOTED = re.compile(r'"([^"]+)"')
COLOURS = re.compile(r"([\s,;]+\d+(\.\d+)?){3,4}$")
"""Red, green, blue and what is behind them in tables of FreeSurfer."""


def read_label_names(path: Path) -> dict[int, str]:
    """Names by code.

    JSON maps codes to names; of a list, as of a path from the whole to the part, the last counts. In a text, each line
    is a code and a name, with or without colours behind it (FreeSurfer) or before it (ITK-SNAP, which quotes names).

    Raises
    ------
    InputError
        If it cannot be read, or holds no name.
    """
    with reading(path, TITLE):
        content = path.read_bytes()[:LARGEST_TABLE].decode("utf-8")
        names = _from_json(parse_json(content)) if path.suffix.lower() == ".json" else _from_lines(content)
    if not names:
        raise InputError(f"{path} names no label; each line is a code and a name, such as: 17 Left-Hippocampus")
    return names


def _from_json(record: Any) -> dict[int, str]:
    if not isinstance(record, dict):
        raise ValueError("it is no JSON object")
    last = {key: value[-1] if isinstance(value, list) and value else value for key, value in record.items()}
    return {int(key): value for key, value in last.items() if key.isdecimal() and isinstance(value, str)}


def _from_lines(content: str) -> dict[int, str]:
    names = dict[int, str]()
    for line in content.splitlines():
        if line.lstrip().startswith("#") or (found := LINE.match(line)) is None:
            continue
        quoted = QUOTED.search(found[2])
        name = quoted[1] if quoted else COLOURS.sub("", found[2]).split("\t")[0].split(",")[0].strip()
        if name:
            names[int(found[1])] = name
    return names
