"""JSON that may come from anybody: nesting, size and syntax of any kind end in one class of error."""

import json
from pathlib import Path
from typing import Any

MAX_BYTES = 2**28
"""Largest file that is read: a record of ours is a few megabytes."""


class JsonError(ValueError):
    """A text is not JSON, or more of it than can be taken in."""


def parse_json(text: str | bytes) -> Any:
    """Plain values of `text`.

    Raises
    ------
    JsonError
        If it is not JSON, not UTF-8, or nested too deeply.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise JsonError("it is nested too deeply") from error
    except ValueError as error:  # JSONDecodeError, UnicodeDecodeError and numbers of thousands of digits
        raise JsonError("it is not JSON") from error


def read_json(path: Path) -> Any:
    """Plain values of a UTF-8 file.

    Raises
    ------
    JsonError
        If it is not JSON.
    OSError
        If it is missing or may not be read.
    """
    with path.open("rb") as file:
        text = file.read(MAX_BYTES + 1)
    if len(text) > MAX_BYTES:
        raise JsonError("it is too large")
    return parse_json(text)
