"""The two streams: results on stdout, everything else on stderr."""

import json
import sys
from contextlib import suppress
from typing import Any, TextIO

from napari_hypseg.cli.plain import plain
from napari_hypseg.cli.registry import Outcome

UNLIMITED = 10_000
"""Columns that no table needs."""


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
