"""The result of a command, and the two streams: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import ConsoleRenderable

UNLIMITED = 10_000
"""Columns that no table needs."""


@dataclass(frozen=True)
class Outcome:
    """What a command found or made.

    Parameters
    ----------
    record
        Plain values for ``--json``.
    summary
        The same for a person: text or a table.
    exit_code
        Other than 0 if some of the work could not be done.
    """

    record: Mapping[str, Any]
    summary: str | ConsoleRenderable
    exit_code: int = 0


def say(line: str, stream: TextIO | None = None) -> None:
    """One line on `stream`; a log that nobody reads any more must not end the work."""
    with suppress(OSError, ValueError, AttributeError):
        target = stream or sys.stderr
        target.write(line + "\n")
        target.flush()


def write_json(record: Any) -> None:
    """One JSON object on stdout."""
    sys.stdout.write(json.dumps(plain(record), allow_nan=False) + "\n")
    sys.stdout.flush()


def write_summary(outcome: Outcome) -> None:
    """The result for a person on stdout."""
    from rich.console import Console
    from rich.measure import Measurement

    if outcome.summary:
        console = Console(highlight=False, markup=False, emoji=False)
        if not isinstance(outcome.summary, str):  # a table that is wider than the terminal loses no digit
            unlimited = console.options.update(max_width=UNLIMITED)
            console.width = max(console.width, Measurement.get(console, unlimited, outcome.summary).maximum)
        console.print(outcome.summary, markup=False, soft_wrap=isinstance(outcome.summary, str))


def plain(value: Any) -> Any:
    """Mappings, sequences, NumPy scalars and paths as what JSON knows; a number that is not finite becomes None."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, PurePath):
        return str(value)
    if hasattr(value, "tolist"):  # NumPy's scalars and arrays
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
