"""Robust standard streams: other encodings, closed streams, a terminal that was closed."""

import codecs
import os
import stat
import sys
import unicodedata
from contextlib import suppress

READABLE = "hypseg.readable"
"""Name of the way in which a stream writes what its encoding lacks."""
_SPELT = str.maketrans(
    {"×": "x", "µ": "u", "μ": "u", "–": "-", "—": "-", "−": "-", "…": "...", "→": "->", "≤": "<=", "≥": ">=", "·": "-"}
)
_FIRST_BYTE, _LAST_BYTE = "\udc80", "\udcff"
"""What Python makes of the bytes of a path that are no text."""


def prepare_streams() -> None:
    """Let standard streams exist, and let no text that is written to them be an error.

    Where a stream was closed, the next file that is opened would take its number and get what a library prints.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free, which is this one
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w" if number else "r", encoding="utf-8"))  # noqa: SIM115
    codecs.register_error(READABLE, _readable)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            with suppress(ValueError, OSError):
                stream.reconfigure(errors=READABLE)


def leave_terminal() -> None:
    """Write to nowhere from now on, if it was to a terminal: it has gone, and writing to it would be an error."""
    for number in (1, 2):
        with suppress(OSError):
            if stat.S_ISCHR(os.fstat(number).st_mode):
                _lead_nowhere(number)


def detach_stdout() -> None:
    """Whoever read our output has gone: let the interpreter flush into nothing instead of complaining."""
    with suppress(OSError, ValueError):
        _lead_nowhere(sys.stdout.fileno())


def _lead_nowhere(number: int) -> None:
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, number)
    os.close(nothing)


def _readable(error: UnicodeError) -> tuple[str, int]:
    """What stands for signs that an encoding lacks: plain letters alike them, else a question mark."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_spelt, error.object[error.start : error.end])), error.end


def _spelt(sign: str) -> str:
    if _FIRST_BYTE <= sign <= _LAST_BYTE:
        return f"\\x{ord(sign) - 0xDC00:02x}"
    plain = unicodedata.normalize("NFKD", sign.translate(_SPELT)).encode("ascii", "ignore").decode()
    return plain or "?"
