"""JSON from untrusted files: parsed with limits on size and nesting, and validated against typed records."""

import json
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

R = TypeVar("R")

MAX_BYTES = 2**28
"""Largest file that is read; the records of a project have a few megabytes."""


class JsonError(ValueError):
    """A text is not JSON, or too large or too deeply nested."""


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


def validated(kind: type[R], record: Any) -> R:
    """Validate plain values as a `kind`, a dataclass or model with typed fields; lists become tuples where needed.

    Raises
    ------
    ValueError
        Naming the first value that does not fit.
    """
    try:
        return TypeAdapter(kind).validate_python(record)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{place}: {first['msg']}" if place else first["msg"]) from error
